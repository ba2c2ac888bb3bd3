extension JSONReader {
    /// A value of any type: read directly if the type can, else through `Codable`.
    @inline(__always)
    mutating func decodable<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if Value.self == String.self { return unsafeBitCast(try value(String.self), to: Value.self) }
        if Value.self == Int.self { return unsafeBitCast(try value(Int.self), to: Value.self) }
        if Value.self == [String].self { return unsafeBitCast(try value([String].self), to: Value.self) }
        if readsDirectly, let message = MessageTypes.message(type) { return try read(message) }
        return try throughCodable(type)
    }

    mutating func throughCodable<Value: Decodable>(_ type: Value.Type) throws -> Value {
        var document = try document()
        defer { if !isKnownUniquelyReferenced(&document) { document.detach() } }
        return try document.decode(type, 0)
    }

    /// `type` is the same as `Value`. The message is made in place: a cast would copy it.
    @inline(__always)
    mutating func read<Value, Message: JSONMessage>(_ type: Message.Type) throws -> Value {
        try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { place in
            guard let start = place.baseAddress else { return unsafeBitCast(try value(type), to: Value.self) }
            UnsafeMutableRawPointer(start).initializeMemory(as: Message.self, to: try value(type))
            return start.move()
        }
    }

    /// The next value, checked and with its parts found; the reader moves behind it.
    private mutating func document() throws -> JSONDocument {
        guard count <= Int32.max else { throw corrupted("More than 2 GiB of JSON.", at) }
        at = JSONScanner.blank(bytes, count, at)
        var tape = JSONTape(bytes: bytes, count: count, at: at)
        do {
            at = try tape.value(at: at, room: room)
        } catch {
            throw malformed(error)
        }
        let memo = memo ?? JSONPathMemo()
        self.memo = memo
        return JSONDocument(bytes: bytes, count: count, root: root, codec: codec, tape: tape, memo: memo)
    }

    /// Nothing but white space may be left.
    func expectEnd() throws {
        let rest = JSONScanner.blank(bytes, count, at)
        guard rest == count else { throw malformed(.init(.trailingBytes, rest)) }
    }
}
