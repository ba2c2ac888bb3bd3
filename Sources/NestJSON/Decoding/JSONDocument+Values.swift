extension JSONDocument {
    /// The value at `node` as a value of any type.
    @inline(__always)
    func decode<Value: Decodable>(_ type: Value.Type, _ node: Int) throws -> Value {
        if Value.self == String.self { return unsafeBitCast(try string(node), to: Value.self) }
        if Value.self == Int.self { return unsafeBitCast(try integer(Int.self, node), to: Value.self) }
        if Value.self == Double.self { return unsafeBitCast(try double(node), to: Value.self) }
        if Value.self == Bool.self { return unsafeBitCast(try bool(node), to: Value.self) }
        if Value.self == [String].self {
            return unsafeBitCast(try elements([String].self, node) { try self.string($0) }, to: Value.self)
        }
        return try decodeRare(type, node)
    }

    private func decodeRare<Value: Decodable>(_ type: Value.Type, _ node: Int) throws -> Value {
        if Value.self == [Int].self {
            return unsafeBitCast(
                try elements([Int].self, node) { try self.integer(Int.self, $0) }, to: Value.self)
        }
        if Value.self == [Double].self {
            return unsafeBitCast(try elements([Double].self, node) { try self.double($0) }, to: Value.self)
        }
        if Value.self == JSONValue.self { return unsafeBitCast(value(node), to: Value.self) }
        if codec.readsDirectly, let message = MessageTypes.message(type) { return try read(message, node) }
        if let value = try foundation(type, node) { return value }
        return try Value(from: JSONNodeDecoder(document: self, node: node))
    }

    /// Lets a message read itself from the bytes. `type` is the same as `Value`.
    private func read<Value, Message: JSONMessage>(_ type: Message.Type, _ node: Int) throws -> Value {
        var reader = JSONReader(
            bytes: bytes, count: count, at: Int(nodes[node].start), root: root, room: codec.nestingLimit, codec: codec)
        reader.memo = memo
        let message = try Message(from: &reader)
        guard reader.at == Int(nodes[node].end) else {
            throw corrupted("\(Message.self) left bytes of its value.", node)
        }
        return unsafeBitCast(message, to: Value.self)
    }

    @inline(__always)
    private func elements<Element>(
        _ type: [Element].Type, _ node: Int, _ decode: (Int) throws -> Element
    ) throws -> [Element] {
        guard nodes[node].kind == .array else { throw mismatch([Any].self, node) }
        var elements: [Element] = []
        let end = Int(nodes[node].next)
        var next = node &+ 1
        while next < end {
            elements.append(try decode(next))
            next = Int(nodes[next].next)
        }
        return elements
    }

    @inline(__always)
    func string(_ node: Int) throws -> String {
        guard nodes[node].kind == .string else { throw mismatch(String.self, node) }
        return text(node)
    }

    @inline(__always)
    func bool(_ node: Int) throws -> Bool {
        switch nodes[node].kind {
        case .true: return true
        case .false: return false
        default: throw mismatch(Bool.self, node)
        }
    }

    @inline(__always)
    func integer<Number: FixedWidthInteger>(_ type: Number.Type, _ node: Int) throws -> Number {
        guard nodes[node].kind == .number else { throw mismatch(type, node) }
        guard let number = NumberText.integer(bytes, range(node), as: type) else { throw unrepresentable(type, node) }
        return number
    }

    func double(_ node: Int) throws -> Double { try floating(node, NumberText.double) }

    func float(_ node: Int) throws -> Float { try floating(node, NumberText.float) }

    @inline(__always)
    private func floating<Number: BinaryFloatingPoint>(
        _ node: Int, _ parse: (UnsafePointer<UInt8>, Range<Int>) -> Number?
    ) throws -> Number {
        guard nodes[node].kind == .number else { return try nonFinite(node) }
        guard let number = parse(bytes, range(node)) else { throw unrepresentable(Number.self, node) }
        return number
    }

    private func nonFinite<Number: BinaryFloatingPoint>(_ node: Int) throws -> Number {
        guard nodes[node].kind == .string, let number = codec.nonFiniteFloats.number(text(node), as: Number.self)
        else { throw mismatch(Number.self, node) }
        return number
    }

    @inline(never)
    func unrepresentable(_ type: Any.Type, _ node: Int) -> DecodingError {
        .unrepresentable(bytes, range(node), as: type, path: path(node))
    }

    /// The value at `node` as it stands.
    func value(_ node: Int) -> JSONValue {
        switch nodes[node].kind {
        case .null: .null
        case .true: .bool(true)
        case .false: .bool(false)
        case .string: .string(text(node))
        case .number: .number(JSONNumber(trusted: JSONText.string(bytes, range(node), escaped: false)))
        case .array: .array(children(node) { value($0) })
        case .object: .object(JSONObject(members(node)))
        }
    }

    private func members(_ node: Int) -> [JSONObject.Member] {
        let names = children(node) { $0 }
        return stride(from: 0, to: names.count, by: 2).map {
            JSONObject.Member(key: text(names[$0]), value: value(names[$0 + 1]))
        }
    }

    /// What stands directly in a container: elements, or names and values in turn.
    func children<Child>(_ node: Int, _ child: (Int) -> Child) -> [Child] {
        var children: [Child] = []
        let isObject = nodes[node].kind == .object
        var next = node + 1
        while next < Int(nodes[node].next) {
            children.append(child(next))
            guard isObject else {
                next = Int(nodes[next].next)
                continue
            }
            children.append(child(next + 1))
            next = Int(nodes[next + 1].next)
        }
        return children
    }
}
