import Foundation
import NestJSON
import Testing

@Suite("Types that code themselves") struct MessageTests {
    @Test("mean the JSON their Codable means", arguments: 0..<100)
    func parity(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let value = Order(&random)
        let direct = try JSONCodec.default.encode(value)
        let codable = try JSONEncoder().encode(value)
        #expect(
            try JSONCodec.default.decode(JSONValue.self, from: direct)
                == JSONCodec.default.decode(JSONValue.self, from: Array(codable)))
        #expect(try JSONCodec.default.decode(Order.self, from: Array(codable)) == value)
        #expect(try JSONDecoder().decode(Order.self, from: Data(direct)) == value)
        #expect(try JSONCodec.default.decode(Order.self, from: direct) == value)
    }

    @Test(
        "fail as their Codable does",
        arguments: [
            "{}", "[]", "null", #"{"sku":1}"#, #"{"sku":"a","count":null}"#, #"{"sku":"a","count":1}"#,
            #"{"sku":"a","count":1.5}"#, #"{"sku":"a","count":1,"tags":[1]}"#, #"{"sku":"a","count":1,"tags":{}}"#,
            #"{"sku":"a","count":1,"tags":[],"note":[]}"#,
            #"{"sku":"a","count":1,"tags":[],"price":1,"paid":true,"when":1,"level":"x","lines":[],"link":null}"#,
            #"{"sku":"a","count":1,"tags":[],"price":1,"paid":true,"when":1,"level":"low","lines":[{"name":"b"}]}"#,
            #"{"sku":"a","count":1,"tags":[],"price":1,"paid":true,"when":1,"level":"low","lines":[{"name":"b","numbers":[1,[]]}]}"#,
            #"{"sku":"a","count":1,"tags":[],"price":1,"paid":true,"when":1,"level":"low","lines":[],"parts":{"x":{}}}"#,
        ])
    func errors(text: String) {
        let plain = Coders.failure { try Coders.foundation(Order.self, text) }
        let expected = text.contains("1.5") ? "dataCorrupted count" : plain
        #expect(Coders.failure { try Coders.ours(Order.self, text) } == expected)
        let inList = Coders.failure { try Coders.foundation([String: [Order]].self, #"{"x":[\#(text)]}"#) }
        let expectedInList = text.contains("1.5") ? "dataCorrupted x.0.count" : inList
        #expect(Coders.failure { try Coders.ours([String: [Order]].self, #"{"x":[\#(text)]}"#) } == expectedInList)
    }

    @Test("read names in any order, with escapes, unknown ones and repeated ones")
    func names() throws {
        let text = #" { "x" : [{}] , "na\u006de" : "b" , "numbers" : [ ] , "name" : "c" , "numbers" : 7 } "#
        #expect(try Coders.ours(Line.self, text) == Line(name: "b", numbers: []))
        #expect(try Coders.ours([Line].self, "[\(text),\(text)]").count == 2)
    }

    @Test(
        "read only what is well-formed",
        arguments: ["}", ",}", #""name":"a",}"#, "1}", #""a" 1}"#, #""a":1"#, #""a":[}"#, ""])
    func malformed(rest: String) {
        let text = "{\"name\":\"a\",\"numbers\":[1]" + rest
        let isValid = rest == "}"
        #expect((try? Coders.ours(Line.self, text)) == (isValid ? Line(name: "a", numbers: [1]) : nil))
        #expect((try? Coders.ours(Line.self, text + "x")) == nil)
    }

    @Test("cut anywhere are refused")
    func truncated() throws {
        var random = SeededRandom(seed: 5)
        let bytes = try JSONCodec.default.encode(Order(&random))
        for length in bytes.indices {
            #expect(throws: DecodingError.self) {
                try JSONCodec.default.decode(Order.self, from: Array(bytes[..<length]))
            }
        }
    }

    @Test("go through their Codable when keys are converted")
    func strategies() throws {
        struct Snake: JSONMessage, Equatable {
            var someValue: Int
            init(someValue: Int) { self.someValue = someValue }
            init(from reader: inout JSONReader) throws {
                try reader.skipValue()
                someValue = -1
            }
            func write(to writer: inout JSONWriter) throws { try writer.value("direct") }
        }
        #expect(try Coders.text([Snake(someValue: 1)]) == #"["direct"]"#)
        #expect(try Coders.ours([Snake].self, "[7]") == [Snake(someValue: -1)])
        var codec = JSONCodec.default
        codec.keyEncoding = .convertToSnakeCase
        codec.keyDecoding = .convertFromSnakeCase
        #expect(try Coders.text([Snake(someValue: 1)], codec: codec) == #"[{"some_value":1}]"#)
        #expect(try Coders.text(Snake(someValue: 1), codec: codec) == #"{"some_value":1}"#)
        #expect(try Coders.ours(Snake.self, #"{"some_value":1}"#, codec: codec) == Snake(someValue: 1))
        #expect(try Coders.ours([Snake].self, #"[{"some_value":1}]"#, codec: codec) == [Snake(someValue: 1)])
    }

    @Test("keep to the codec's other options")
    func options() throws {
        var codec = JSONCodec.default
        codec.dates = .iso8601
        codec.nonFiniteFloats = .strings(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var random = SeededRandom(seed: 1)
        var order = Order(&random)
        order.when = Date(timeIntervalSince1970: 0)
        order.price = .infinity
        let value = try codec.decode(JSONValue.self, from: codec.encode(order))
        #expect(value["when"] == "1970-01-01T00:00:00Z" && value["price"] == "inf")
        #expect(try codec.decode(Order.self, from: codec.encode(order)) == order)
        #expect(Coders.failure { try Coders.text(["a": [order]]) } == "invalidValue a.0.price")
    }

    @Test("are bounded in depth both ways")
    func nesting() throws {
        final class Loop: JSONMessage {
            init() {}
            init(from reader: inout JSONReader) throws {
                try reader.beginObject()
                while try reader.nextKey() != nil { _ = try reader.value(Loop.self, for: "next") }
            }
            init(from decoder: any Decoder) {}
            func encode(to encoder: any Encoder) {}
            func write(to writer: inout JSONWriter) throws {
                writer.beginObject()
                try writer.member("next", self)
                writer.endObject()
            }
        }
        #expect(throws: EncodingError.self) { try JSONCodec.default.encode(Loop()) }
        let deep = String(repeating: #"{"next":"#, count: 129) + "{}" + String(repeating: "}", count: 129)
        #expect(throws: DecodingError.self) { try Coders.ours(Loop.self, deep) }
        #expect(throws: DecodingError.self) {
            try Coders.ours(Loop.self, String(repeating: #"{"next":"#, count: 100_000))
        }
        let fine = String(repeating: #"{"next":"#, count: 127) + "{}" + String(repeating: "}", count: 127)
        #expect(throws: Never.self) { try Coders.ours(Loop.self, fine) }
    }

    @Test("that read or write less than a value are found out")
    func unfinished() throws {
        struct Half: JSONMessage {
            init() {}
            init(from reader: inout JSONReader) throws {
                try reader.beginArray()
                _ = try reader.nextElement()
            }
            func write(to writer: inout JSONWriter) throws {}
        }
        #expect(Coders.failure { try Coders.text(["a": Half()]) } == "invalidValue a")
        #expect(Coders.failure { try Coders.text(Half()) } == "invalidValue ")
        #expect(throws: DecodingError.self) { try Coders.ours(Half.self, "[1]") }
        #expect(Coders.failure { try Coders.ours([String: Half].self, #"{"a":[1]}"#) } == "dataCorrupted a")
    }

    @Test("may read objects inside their own, each with its names")
    func innerObjects() throws {
        struct Flat: JSONMessage {
            var names: [String] = []
            init(from reader: inout JSONReader) throws {
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    names.append(key.string)
                    guard key == "in" else {
                        try reader.skipValue()
                        continue
                    }
                    try reader.beginArray()
                    while try reader.nextElement() {
                        try reader.beginObject()
                        while let inner = try reader.nextKey() {
                            names.append(inner.string)
                            _ = try reader.value(Line.self)
                        }
                    }
                }
            }
            func write(to writer: inout JSONWriter) throws {}
        }
        let line = #"{"name":"n","numbers":[]}"#
        let text =
            #"{"a":1,"in":[{"x":\#(line),"name":\#(line),"x":1},{"x":\#(line)}],"x":1,"name":2,"a":3,"in":4,"b":5}"#
        #expect(try Coders.ours(Flat.self, text).names == ["a", "in", "x", "name", "x", "x", "name", "b"])
    }
}
