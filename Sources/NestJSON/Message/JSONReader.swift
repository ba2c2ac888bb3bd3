/// A cursor over the bytes of one JSON value, for types that read themselves; see ``JSONMessage``.
///
/// Every byte is checked as it is passed. Errors are `DecodingError`s with the coding path from the outermost value on.
/// A reader is valid only during the call it was handed to.
public struct JSONReader {
    let bytes: UnsafePointer<UInt8>
    let count: Int
    let codec: JSONCodec
    /// Where the outermost value starts.
    let root: Int
    var at: Int
    /// How many more containers may be opened.
    var room: Int
    /// Whether the container opened last has had nothing yet.
    var isFirst = false
    /// The object being read, to tell names that stand twice.
    var names = SeenNames()
    /// The objects around it that the same type reads.
    var outerNames: [SeenNames] = []
    /// There once `Codable` types are read, whose errors may be caught.
    var memo: JSONPathMemo?

    init(bytes: UnsafePointer<UInt8>, count: Int, at offset: Int, root: Int, room: Int, codec: JSONCodec) {
        self.bytes = bytes
        self.count = count
        self.root = root
        self.room = room
        self.codec = codec
        at = JSONScanner.blank(bytes, count, offset)
    }

    /// Enters an object; anything else is a type mismatch.
    public mutating func beginObject() throws {
        at = JSONScanner.blank(bytes, count, at)
        guard at < count, bytes[at] == UInt8(ascii: "{") else { throw mismatch([String: Any].self, at) }
        try enter()
        if names.isInObject { outerNames.append(names) }
        names = SeenNames(start: at)
    }

    /// The name of the next member, whose value comes next; nil behind the last one, the object is left then.
    ///
    /// Of members with the same name only the first is reported.
    @inline(__always)
    public mutating func nextKey() throws -> Key? {
        while true {
            guard let key = try anyKey() else {
                names = outerNames.isEmpty ? SeenNames() : outerNames.removeLast()
                return nil
            }
            if !names.isRepeated(key, bytes, count) { return key }
            try skipValue()
        }
    }

    /// Enters an array; anything else is a type mismatch.
    public mutating func beginArray() throws {
        at = JSONScanner.blank(bytes, count, at)
        guard at < count, bytes[at] == UInt8(ascii: "[") else { throw mismatch([Any].self, at) }
        try enter()
    }

    /// Whether another element comes next; when there is none, the array is left.
    public mutating func nextElement() throws -> Bool {
        try next(closing: UInt8(ascii: "]"))
    }

    /// Passes over a value of any kind.
    public mutating func skipValue() throws {
        at = try checked(at)
    }

    /// Whether the next value is null; if so it is passed.
    @inline(__always)
    public mutating func skipNull() throws -> Bool {
        at = JSONScanner.blank(bytes, count, at)
        guard at < count, bytes[at] == UInt8(ascii: "n") else { return false }
        at = try checked(at)
        return true
    }

    /// A member's value, or an error that says which key is missing. Call it when the object has been left.
    @inlinable
    @inline(__always)
    public func require<Value>(_ value: Value?, _ key: StaticString) throws -> Value {
        guard let value else { throw missing(key) }
        return value
    }

    @inline(__always)
    private mutating func enter() throws {
        guard room > 0 else { throw malformed(.init(.tooDeep, at)) }
        room &-= 1
        at = JSONScanner.blank(bytes, count, at &+ 1)
        isFirst = true
    }

    @inline(__always)
    private mutating func anyKey() throws -> Key? {
        guard try next(closing: UInt8(ascii: "}")) else { return nil }
        guard at < count else { throw malformed(.init(.unexpectedEnd, at)) }
        guard bytes[at] == UInt8(ascii: "\"") else { throw malformed(.init(.unexpectedByte, at)) }
        let start = at &+ 1
        var escaped = false
        do {
            let end = try JSONScanner.string(bytes, count, start, escaped: &escaped)
            at = try JSONScanner.colon(bytes, count, end)
            return Key(start: bytes + start, count: end &- start &- 1, isEscaped: escaped)
        } catch {
            throw malformed(error)
        }
    }

    /// Passes a comma, or the closing byte when it is there.
    @inline(__always)
    private mutating func next(closing: UInt8) throws -> Bool {
        at = JSONScanner.blank(bytes, count, at)
        guard at < count else { throw malformed(.init(.unexpectedEnd, at)) }
        if bytes[at] == closing {
            at &+= 1
            room &+= 1
            isFirst = false
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard bytes[at] == UInt8(ascii: ",") else { throw malformed(.init(.unexpectedByte, at)) }
        at = JSONScanner.blank(bytes, count, at &+ 1)
        return true
    }

    /// Where the value that starts at `offset` ends.
    @inline(__always)
    func checked(_ offset: Int) throws -> Int {
        do {
            return try JSONScanner.value(bytes, count, JSONScanner.blank(bytes, count, offset), room: room)
        } catch {
            throw malformed(error)
        }
    }
}
