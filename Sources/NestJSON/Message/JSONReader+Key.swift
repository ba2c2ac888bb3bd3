extension JSONReader {
    /// The name of a member, as bytes of the text. Compare it at once; it does not outlive the reader.
    public struct Key {
        @usableFromInline let start: UnsafePointer<UInt8>
        @usableFromInline let count: Int
        @usableFromInline let isEscaped: Bool

        @inline(__always)
        init(start: UnsafePointer<UInt8>, count: Int, isEscaped: Bool) {
            self.start = start
            self.count = count
            self.isEscaped = isEscaped
        }

        /// The name with escapes resolved.
        public var string: String { JSONText.string(start, 0..<count, escaped: isEscaped) }

        /// Whether the name is this one, however it is escaped.
        @inlinable
        @inline(__always)
        public static func == (key: Key, name: StaticString) -> Bool {
            guard !key.isEscaped else { return key.equalsUnescaped(name) }
            guard key.count == name.utf8CodeUnitCount else { return false }
            let (left, right) = (UnsafeRawPointer(key.start), UnsafeRawPointer(name.utf8Start))
            var at = 0
            while at &+ 8 <= key.count {
                let pair = (
                    left.loadUnaligned(fromByteOffset: at, as: UInt64.self),
                    right.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                )
                guard pair.0 == pair.1 else { return false }
                at &+= 8
            }
            while at < key.count {
                guard key.start[at] == name.utf8Start[at] else { return false }
                at &+= 1
            }
            return true
        }

        @usableFromInline
        func equalsUnescaped(_ name: StaticString) -> Bool { string == name.description }
    }
}
