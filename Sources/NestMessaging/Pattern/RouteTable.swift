#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds what a pattern's bytes lead to without making a `String`.
///
/// Exact names stand in an open-addressed table; names only wildcards cover are matched one pattern after another,
/// the most specific first.
package struct RouteTable<Value: Sendable>: Sendable {
    private struct Slot: Sendable {
        var hash: UInt64
        var name: [UInt8]
        var value: Value?

        @inline(__always)
        func `is`(_ hash: UInt64, _ bytes: UnsafeRawBufferPointer) -> Bool {
            guard self.hash == hash, name.count == bytes.count, let start = bytes.baseAddress else { return false }
            return name.withUnsafeBytes { memcmp($0.baseAddress.unsafelyUnwrapped, start, $0.count) == 0 }
        }
    }

    private var slots: [Slot]
    private let mask: Int
    private let wildcards: [(pattern: WildcardPattern, value: Value)]

    /// `wildcards` in any order.
    package init(exact: [String: Value], wildcards: [(Pattern, Value)]) {
        var capacity = 16
        while capacity < exact.count * 4 { capacity *= 2 }
        slots = Array(repeating: Slot(hash: 0, name: [], value: nil), count: capacity)
        mask = capacity - 1
        self.wildcards = wildcards.map { (WildcardPattern($0.0), $0.1) }
            .sorted { $0.pattern.isMoreSpecific(than: $1.pattern) }
        for (name, value) in exact { insert(Array(name.utf8), value) }
    }

    private mutating func insert(_ name: [UInt8], _ value: Value) {
        let hash = name.withUnsafeBytes(Self.hash)
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].value != nil { index = (index + 1) & mask }
        slots[index] = Slot(hash: hash, name: name, value: value)
    }

    /// What the exact name leads to.
    @inline(__always)
    package func exact(_ name: UnsafeRawBufferPointer) -> Value? {
        let hash = Self.hash(name)
        return slots.withUnsafeBufferPointer { slots in
            var index = Int(truncatingIfNeeded: hash) & mask
            while slots[index].value != nil {
                if slots[index].is(hash, name) { return slots[index].value }
                index = (index + 1) & mask
            }
            return nil
        }
    }

    /// What the name leads to: by its exact name, else by the most specific wildcard that covers it.
    @inline(__always)
    package func best(_ name: UnsafeRawBufferPointer) -> Value? {
        if let value = exact(name) { return value }
        return mostSpecific(covering: name)
    }

    /// What the most specific wildcard that covers the name leads to.
    @inline(__always)
    package func mostSpecific(covering name: UnsafeRawBufferPointer) -> Value? {
        wildcards.isEmpty ? nil : wildcards.first { $0.pattern.matches(name) }?.value
    }

    /// Everything whose wildcards cover the name, the most specific first.
    package func covering(_ name: UnsafeRawBufferPointer) -> [Value] {
        wildcards.filter { $0.pattern.matches(name) }.map(\.value)
    }

    /// FNV-1a.
    @inline(__always)
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}
