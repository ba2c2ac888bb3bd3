/// The elements of an array, one after the other.
struct UnkeyedDecoding: UnkeyedDecodingContainer {
    private let document: JSONDocument
    private let array: Int32
    private var next: Int32
    private(set) var currentIndex = 0

    init(_ document: JSONDocument, _ node: Int) throws {
        guard document.nodes[node].kind == .array else { throw document.mismatch([Any].self, node) }
        self.document = document
        array = Int32(truncatingIfNeeded: node)
        next = array &+ 1
    }

    var codingPath: [any CodingKey] { document.path(Int(array)) }

    var count: Int? { document.children(Int(array)) { _ in () }.count }

    var isAtEnd: Bool { next >= end }

    private var end: Int32 { Int32(truncatingIfNeeded: document.nodes[Int(array)].next) }

    /// The node of the next element.
    @inline(__always)
    private func node(_ type: Any.Type) throws -> Int {
        guard next < end else { throw atEnd(type) }
        return Int(next)
    }

    @inline(__always)
    private mutating func advance() {
        next = Int32(truncatingIfNeeded: document.nodes[Int(next)].next)
        currentIndex &+= 1
    }

    /// Decodes the next element. The container moves on only when that succeeds.
    @inline(__always)
    private mutating func element<Value>(_ type: Value.Type, _ decode: (Int) throws -> Value) throws -> Value {
        let value = try decode(try node(type))
        advance()
        return value
    }

    @inline(never)
    private func atEnd(_ type: Any.Type) -> DecodingError {
        let path = codingPath + [JSONCodingKey(index: currentIndex)]
        return .valueNotFound(type, .init(codingPath: path, debugDescription: "Unkeyed container is at end."))
    }

    mutating func decodeNil() throws -> Bool {
        guard document.nodes[try node(Never.self)].kind == .null else { return false }
        advance()
        return true
    }

    @inline(__always)
    private mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        let value = try document.integer(type, try node(type))
        advance()
        return value
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try element(type, document.bool) }
    mutating func decode(_ type: String.Type) throws -> String { try element(type, document.string) }
    mutating func decode(_ type: Double.Type) throws -> Double { try element(type, document.double) }
    mutating func decode(_ type: Float.Type) throws -> Float { try element(type, document.float) }
    mutating func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try document.decode(type, try node(type))
        advance()
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try KeyedDecoding<NestedKey>(document, try node(KeyedDecodingContainer<NestedKey>.self))
        advance()
        return KeyedDecodingContainer(container)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try UnkeyedDecoding(document, try node((any UnkeyedDecodingContainer).self))
        advance()
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = JSONNodeDecoder(document: document, node: try node((any Decoder).self))
        advance()
        return decoder
    }
}
