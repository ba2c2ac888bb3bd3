/// Where something stands in a frame: 32 bits are enough for any frame we take, and keep messages small.
package struct ByteRange: Sendable, Hashable {
    package var lower: UInt32
    package var length: UInt32

    package static let none = ByteRange(lower: 0, length: 0)

    package init(lower: UInt32, length: UInt32) {
        self.lower = lower
        self.length = length
    }

    package init(_ start: Int, _ end: Int) {
        lower = UInt32(truncatingIfNeeded: start)
        length = UInt32(truncatingIfNeeded: end - start)
    }

    package var isEmpty: Bool { length == 0 }
    package var start: Int { Int(lower) }
    package var end: Int { Int(lower) + Int(length) }
}
