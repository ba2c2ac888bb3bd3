/// Where something stands in a frame: 32 bits are enough for any frame we take, and keep messages small.
@usableFromInline
package struct ByteRange: Sendable, Hashable {
    @usableFromInline package var lower: UInt32
    @usableFromInline package var length: UInt32

    @inlinable package static var none: ByteRange { ByteRange(lower: 0, length: 0) }

    @inlinable
    package init(lower: UInt32, length: UInt32) {
        self.lower = lower
        self.length = length
    }

    @inlinable
    package init(_ start: Int, _ end: Int) {
        lower = UInt32(truncatingIfNeeded: start)
        length = UInt32(truncatingIfNeeded: end - start)
    }

    @inlinable package var isEmpty: Bool { length == 0 }
    @inlinable package var start: Int { Int(lower) }
    @inlinable package var end: Int { Int(lower) + Int(length) }
}
