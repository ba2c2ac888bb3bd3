/// Tells whether a name stood earlier in the same object.
///
/// A word of bits, one for each of 64 classes of names, rules most names out. Otherwise the object is read again from
/// its start, or, in a large object, the name is looked up in a set.
struct SeenNames {
    private static let rereadLimit = 16

    /// Behind the object's opening brace.
    private var start = 0
    var isInObject: Bool { start > 0 }
    private var bits: UInt64 = 0
    private var count = 0
    private var set: Set<String>?

    init(start: Int = 0) { self.start = start }

    @inline(__always)
    mutating func isRepeated(_ key: JSONReader.Key, _ bytes: UnsafePointer<UInt8>, _ end: Int) -> Bool {
        let bit = NameMark.bit(key.start, key.count, isEscaped: key.isEscaped)
        let isNew = bits & bit == 0
        bits |= bit
        count &+= 1
        return isNew && count <= Self.rereadLimit ? false : compare(key, bytes, end)
    }

    @inline(never)
    private mutating func compare(_ key: JSONReader.Key, _ bytes: UnsafePointer<UInt8>, _ end: Int) -> Bool {
        let name = key.string
        if set != nil { return set?.insert(name).inserted == false }
        let earlier = names(before: key.start, bytes, end)
        let isRepeated = earlier.contains(name)
        if count > Self.rereadLimit { set = Set(earlier + [name]) }
        return isRepeated
    }

    /// What was read before, so it is known to be well-formed.
    private func names(before key: UnsafePointer<UInt8>, _ bytes: UnsafePointer<UInt8>, _ end: Int) -> [String] {
        var names: [String] = []
        var at = start
        while at < end, bytes + at + 1 < key {
            var escaped = false
            guard let nameEnd = try? JSONScanner.string(bytes, end, at + 1, escaped: &escaped),
                let value = try? JSONScanner.colon(bytes, end, nameEnd),
                let valueEnd = try? JSONScanner.value(bytes, end, value, room: 512)
            else { break }
            names.append(JSONText.string(bytes, at + 1..<nameEnd - 1, escaped: escaped))
            at = JSONScanner.blank(bytes, end, JSONScanner.blank(bytes, end, valueEnd) + 1)
        }
        return names
    }
}
