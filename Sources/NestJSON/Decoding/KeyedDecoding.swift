/// The members of an object.
///
/// Members are looked for from behind the one found last, since types mostly ask in the order of the text. Objects in
/// which a name may stand twice, and those whose names are converted, get an index instead.
struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let document: JSONDocument
    /// The object's node.
    let object: Int
    /// Nodes of values by name; the first of a name counts.
    private let index: [String: Int]?

    init(_ document: JSONDocument, _ node: Int) throws {
        guard document.nodes[node].kind == .object else { throw document.mismatch([String: Any].self, node) }
        self.document = document
        object = node
        let converts = document.codec.keyDecoding == .convertFromSnakeCase && !DictionaryKeys.isKey(Key.self)
        guard converts || document.nodes[node].flag else {
            index = nil
            return
        }
        let nodes = document.children(node) { $0 }
        let members = stride(from: 0, to: nodes.count, by: 2).map { position in
            let name = document.text(nodes[position])
            return (converts ? KeyCase.camel(name) : name, nodes[position + 1])
        }
        index = Dictionary(members, uniquingKeysWith: { first, _ in first })
    }

    var codingPath: [any CodingKey] { document.path(object) }

    var allKeys: [Key] {
        if let index { return index.sorted { $0.value < $1.value }.compactMap { Key(stringValue: $0.key) } }
        let nodes = document.children(object) { $0 }
        return stride(from: 0, to: nodes.count, by: 2).compactMap { Key(stringValue: document.text(nodes[$0])) }
    }

    /// The node of the member's value.
    @inline(__always)
    private func find(_ key: some CodingKey) -> Int? {
        if let index { return index[key.stringValue] }
        let nodes = document.nodes
        let (first, end) = (object &+ 1, Int(nodes[object].next))
        guard first < end else { return nil }
        var name = key.stringValue
        return name.withUTF8 { name in
            let start = Int(nodes[first].next)
            var next = start
            repeat {
                let following = Int(nodes[next &+ 1].next)
                if matches(next, name) {
                    nodes[first].next = UInt32(truncatingIfNeeded: following < end ? following : first)
                    return next &+ 1
                }
                next = following < end ? following : first
            } while next != start
            return nil
        }
    }

    @inline(__always)
    private func matches(_ node: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let entry = document.nodes[node]
        guard !entry.flag else { return document.text(node).utf8.elementsEqual(name) }
        guard Int(entry.end &- entry.start &- 2) == name.count else { return false }
        guard let base = name.baseAddress else { return true }
        return RawBytes.equal(document.bytes + Int(entry.start) + 1, base, name.count)
    }

    @inline(__always)
    private func node(_ key: some CodingKey) throws -> Int {
        guard let node = find(key) else { throw DecodingError.missing(key, path: codingPath) }
        return node
    }

    /// The node of a member that is there and not null.
    @inline(__always)
    private func present(_ key: Key) -> Int? {
        guard let node = find(key), document.nodes[node].kind != .null else { return nil }
        return node
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { document.nodes[try node(key)].kind == .null }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try document.bool(node(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try document.string(node(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try document.double(node(key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try document.float(node(key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try document.integer(type, node(key)) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try document.integer(type, node(key)) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try document.integer(type, node(key)) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try document.integer(type, node(key)) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try document.integer(type, node(key)) }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try document.integer(type, node(key)) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try document.integer(type, node(key)) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try document.integer(type, node(key)) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try document.integer(type, node(key)) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try document.integer(type, node(key)) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try document.integer(type, node(key)) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try document.integer(type, node(key)) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try document.decode(type, node(key))
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(key).map(document.bool) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try present(key).map(document.string)
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try present(key).map(document.double)
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try present(key).map { try document.integer(type, $0) }
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key).map { try document.decode(type, $0) }
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try KeyedDecoding<NestedKey>(document, node(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try UnkeyedDecoding(document, node(key))
    }

    func superDecoder() throws -> any Decoder { try decoder(JSONCodingKey.super) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

    /// A decoder of the member's value; of null when there is none, as Foundation does.
    private func decoder(_ key: some CodingKey) throws -> any Decoder {
        if let node = find(key) { return JSONNodeDecoder(document: document, node: node) }
        let missing = try JSONDocument.missing(codec: document.codec, path: codingPath + [key])
        return JSONNodeDecoder(document: missing, node: 0)
    }
}
