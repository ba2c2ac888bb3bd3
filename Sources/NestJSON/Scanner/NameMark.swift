/// Sorts names into 64 classes, cheaply: names in different classes differ.
enum NameMark {
    /// The bit of the name's class; all bits for a name with escapes, which may be in any.
    @inline(__always)
    static func bit(_ name: UnsafePointer<UInt8>, _ count: Int, isEscaped: Bool) -> UInt64 {
        guard !isEscaped else { return .max }
        guard count > 0 else { return 1 }
        let sum = UInt64(truncatingIfNeeded: count) &* 31 &+ UInt64(name[0]) &* 7 &+ UInt64(name[count &- 1])
        return 1 << (sum & 63)
    }
}
