import Foundation
import NestJSON
import Testing

@Suite("Containers") struct ContainerTests {
    enum Key: String, CodingKey { case a, b, c, d }

    /// Encodes what the closure does.
    struct Writing: Encodable {
        var body: @Sendable (any Encoder) throws -> Void
        func encode(to encoder: any Encoder) throws { try body(encoder) }
    }

    /// What both coders make of it.
    private func same(_ body: @escaping @Sendable (any Encoder) throws -> Void) throws {
        for value in [AnyEncodable(Writing(body: body)), AnyEncodable([Writing(body: body), Writing(body: body)])] {
            let ours = try JSONCodec.default.decode(JSONValue.self, from: JSONCodec.default.encode(value))
            let theirs = try JSONCodec.default.decode(JSONValue.self, from: Array(JSONEncoder().encode(value)))
            #expect(ours == theirs)
        }
    }

    struct AnyEncodable: Encodable {
        var value: any Encodable
        init(_ value: any Encodable) { self.value = value }
        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }

    @Test("are filled in any order")
    func interleaved() throws {
        try same { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            var a = outer.nestedContainer(keyedBy: Key.self, forKey: .a)
            var b = outer.nestedUnkeyedContainer(forKey: .b)
            try outer.encode("x", forKey: .c)
            try b.encode(1)
            try a.encode(true, forKey: .a)
            var deep = b.nestedContainer(keyedBy: Key.self)
            try b.encode([1, 2])
            try deep.encode(["k": 1.5], forKey: .d)
            var deeper = a.nestedUnkeyedContainer(forKey: .b)
            try a.encodeNil(forKey: .c)
            try deeper.encode(contentsOf: [1, 2, 3])
            #expect(b.count == 3 && deeper.count == 3)
        }
    }

    @Test("may stay empty")
    func empty() throws {
        try same { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            _ = outer.nestedContainer(keyedBy: Key.self, forKey: .a)
            _ = outer.nestedUnkeyedContainer(forKey: .b)
            try outer.encode(Writing { _ in }, forKey: .c)
        }
        try same { _ = $0.container(keyedBy: Key.self) }
        try same { _ = $0.unkeyedContainer() }
    }

    @Test("of superclasses are encoders of their own")
    func superEncoders() throws {
        try same { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            let parent = outer.superEncoder()
            let named = outer.superEncoder(forKey: .b)
            _ = outer.superEncoder(forKey: .c)
            try outer.encode(1, forKey: .a)
            var single = named.singleValueContainer()
            try single.encode("named")
            var list = parent.unkeyedContainer()
            let element = list.superEncoder()
            try list.encode(2)
            var inner = element.container(keyedBy: Key.self)
            try inner.encode(UInt8(3), forKey: .d)
        }
    }

    @Test("asked for twice are the same one")
    func shared() throws {
        try same { encoder in
            var first = encoder.container(keyedBy: Key.self)
            try first.encode(1, forKey: .a)
            var second = encoder.container(keyedBy: Key.self)
            try second.encode(["x": 2], forKey: .b)
            try first.encode(3, forKey: .c)
        }
        try same { encoder in
            var first = encoder.unkeyedContainer()
            try first.encode(1)
            var second = encoder.unkeyedContainer()
            try second.encode(2)
            try first.encode(3)
        }
    }

    @Test("hold every kind of value", arguments: [true, false])
    func kinds(isKeyed: Bool) throws {
        try same { encoder in
            guard isKeyed else {
                var list = encoder.unkeyedContainer()
                try list.encode(true); try list.encode("s"); try list.encode(1.5); try list.encode(Float(0.5))
                try list.encode(Int8(1)); try list.encode(Int16(2)); try list.encode(Int32(3));
                try list.encode(Int64(4))
                try list.encode(UInt(5)); try list.encode(UInt8(6)); try list.encode(UInt16(7));
                try list.encode(UInt32(8))
                try list.encode(UInt64(9)); try list.encodeNil(); try list.encode(Int?.none)
                return
            }
            var object = encoder.container(keyedBy: JSONShapeKey.self)
            try object.encode(Float(0.5), forKey: "f"); try object.encode(Int8(1), forKey: "i8")
            try object.encode(Int16(1), forKey: "i16"); try object.encode(Int32(1), forKey: "i32")
            try object.encode(Int64(1), forKey: "i64"); try object.encode(UInt(1), forKey: "u")
            try object.encode(UInt8(1), forKey: "u8"); try object.encode(UInt16(1), forKey: "u16")
            try object.encode(UInt32(1), forKey: "u32"); try object.encode(UInt64(1), forKey: "u64")
            try object.encode(Int?.none, forKey: "none"); try object.encodeIfPresent(Int?.none, forKey: "left out")
            try object.encode(1, forKey: "quoted \" key\n")
        }
    }

    struct JSONShapeKey: CodingKey, ExpressibleByStringLiteral {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init(stringLiteral value: String) { stringValue = value }
        init?(intValue: Int) { nil }
    }

    @Test("used wrongly throw and leave the text whole")
    func misuse() throws {
        struct Outer: Encodable {
            func encode(to encoder: any Encoder) throws {
                var object = encoder.container(keyedBy: Key.self)
                try object.encode(1, forKey: .a)
                var list = encoder.unkeyedContainer()
                #expect(throws: EncodingError.self) { try list.encode(1) }
                var single = encoder.singleValueContainer()
                #expect(throws: EncodingError.self) { try single.encode(1) }
                var nested = list.nestedContainer(keyedBy: Key.self)
                try nested.encode(1, forKey: .a)
            }
        }
        #expect(try Coders.text([Outer(), Outer()]) == #"[{"a":1},{"a":1}]"#)
    }

    final class Keeper: Codable {
        var encoder: (any Encoder)?
        var container: KeyedEncodingContainer<Key>?
        var decoder: (any Decoder)?
        init() {}
        init(from decoder: any Decoder) { self.decoder = decoder }
        func encode(to encoder: any Encoder) throws {
            self.encoder = encoder
            container = encoder.container(keyedBy: Key.self)
            try container?.encode(1, forKey: .a)
        }
    }

    @Test("kept beyond the call do no harm")
    func kept() throws {
        let keeper = Keeper()
        #expect(try Coders.text(keeper) == #"{"a":1}"#)
        #expect(throws: EncodingError.self) { try keeper.container?.encode(2, forKey: .b) }
        var single = keeper.encoder?.singleValueContainer()
        #expect(throws: EncodingError.self) { try single?.encode(1) }
        #expect(keeper.encoder?.codingPath.isEmpty == true)
        let read = try Coders.ours(Keeper.self, #"{"a":[1,"x"]}"#)
        let again = try #require(read.decoder)
        let object = try again.container(keyedBy: Key.self)
        var list = try object.nestedUnkeyedContainer(forKey: .a)
        #expect(try list.decode(Int.self) == 1)
        #expect(try list.decode(String.self) == "x")
    }

    @Test("are read as Foundation's are")
    func reading() throws {
        struct Reader: Decodable, Equatable {
            var log: [String] = []
            init(from decoder: any Decoder) throws {
                let object = try decoder.container(keyedBy: Key.self)
                log += object.allKeys.map(\.rawValue).sorted()
                log += [Key.a, .b, .c, .d].map { "\(object.contains($0))" }
                log += [try object.decodeNil(forKey: .a), try object.decodeNil(forKey: .b)].map { "\($0)" }
                log.append("\(try object.decodeIfPresent(Int.self, forKey: .a) as Any)")
                log.append("\(try object.decodeIfPresent([Int].self, forKey: .d) as Any)")
                log.append(Coders.failure { try object.decodeNil(forKey: .d) })
                log.append(Coders.failure { try object.superDecoder().container(keyedBy: Key.self) })
                log.append(
                    Coders.failure { try object.superDecoder(forKey: .d).singleValueContainer().decode(Int.self) })
                log.append("\(try object.superDecoder(forKey: .a).singleValueContainer().decodeNil())")
                var list = try object.nestedUnkeyedContainer(forKey: .b)
                log.append("\(list.count as Any) \(list.currentIndex) \(try list.decodeNil())")
                log.append(Coders.failure { try list.decode(String.self) })
                log.append("\(try list.decode(Int.self)) \(list.currentIndex)")
                log.append("\(try list.decodeNil()) \(list.currentIndex)")
                log.append("\(try list.decodeIfPresent(Int.self) as Any)")
                log.append(Coders.path(try list.superDecoder().codingPath))
                var inner = try list.nestedUnkeyedContainer()
                log.append("\(inner.isAtEnd) \(list.isAtEnd) \(Coders.path(inner.codingPath))")
                log.append(Coders.failure { try inner.decode(Int.self) })
                log.append(Coders.failure { try list.nestedContainer(keyedBy: Key.self) })
                log.append(Coders.failure { try object.nestedContainer(keyedBy: Key.self, forKey: .b) })
            }
        }
        let text = #"{"x":{"a":null,"b":[1,null,5,{},[]],"c":"\u0078","unknown":[[{"a":1}]]}}"#
        let ours = try Coders.ours([String: Reader].self, text)
        #expect(try ours == Coders.foundation([String: Reader].self, text))
    }
}
