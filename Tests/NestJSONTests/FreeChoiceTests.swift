import NestJSON
import Testing

/// What RFC 8259 leaves to the reader, and what we chose.
@Suite("Free choices") struct FreeChoiceTests {
    @Test("what is taken, and as what")
    func taken() throws {
        #expect(try Coders.ours([String: Int].self, #"{"a":1,"a":2}"#) == ["a": 1])
        #expect(try Coders.ours([String: Int].self, #"{"a":1,"\u0061":2}"#) == ["a": 1])
        #expect(try Coders.ours(JSONValue.self, #"{"a":1,"b":3,"a":2}"#) == ["a": 1, "b": 3])
        #expect(try Coders.ours(Double.self, "-0").sign == .minus)
        #expect(try Coders.ours(Double.self, "5e-324") == .leastNonzeroMagnitude)
        #expect(try Coders.ours(Double.self, "0e999999999999") == 0)
        #expect(try Coders.ours(Double.self, "0.1" + String(repeating: "0", count: 1000)) == 0.1)
        #expect(try Coders.ours(Double.self, "1" + String(repeating: "0", count: 308)) == 1e308)
        #expect(try Coders.ours(Double.self, "123456789012345678901234567890") == 1.2345678901234568e29)
        #expect(
            try Coders.ours(String.self, #""\u0000\uFFFE\uFDD0""#).unicodeScalars.map(\.value) == [0, 0xfffe, 0xfdd0])
        #expect(try Coders.ours([String: Int].self, #"{"":1}"#) == ["": 1])
    }

    @Test(
        "what is refused as a number",
        arguments: ["1e309", "-1e309", "1e-400", "1e99999999999999999999", "0.0000001e-320", "123123e100000"])
    func refused(text: String) throws {
        #expect(Coders.failure { try Coders.ours(Double.self, text) } == "dataCorrupted ")
        #expect(try Coders.text(Coders.ours(JSONValue.self, text)) == text)
    }

    @Test("large objects with names that stand twice", arguments: [3, 15, 16, 17, 40, 500])
    func repeatedNames(count: Int) throws {
        let names = (0..<count).map { "name\($0)" }
        let members = (names + names.shuffled()).enumerated().map { "\"\($1)\":\($0)" }
        let expected = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let text = "{\(members.joined(separator: ","))}"
        #expect(try Coders.ours([String: Int].self, text) == expected)
        let value = try Coders.ours(JSONValue.self, text)
        #expect(value.object?.keys == names)
        #expect(value["name2"]?.int == 2)
    }

    @Test("a large object costs time in proportion")
    func hostileNames() throws {
        let same = "{" + (0..<20_000).map { "\"aaaaaaa\(10_000 + $0 % 18_000)z\":0" }.joined(separator: ",") + "}"
        #expect(try Coders.ours([String: Int].self, same).count == 18_000)
        struct Sink: JSONMessage {
            var count = 0
            init(from reader: inout JSONReader) throws {
                try reader.beginObject()
                while try reader.nextKey() != nil {
                    count += 1
                    try reader.skipValue()
                }
            }
            func write(to writer: inout JSONWriter) {}
        }
        #expect(try Coders.ours(Sink.self, same).count == 18_000)
    }
}
