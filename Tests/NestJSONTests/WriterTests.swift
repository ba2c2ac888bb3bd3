import NestJSON
import Testing

@Suite("Reader and writer") struct WriterTests {
    private func text(_ body: (inout JSONWriter) throws -> Void) rethrows -> String {
        var writer = JSONWriter()
        try body(&writer)
        return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("commas stand between values only")
    func commas() throws {
        let written = try text { writer in
            writer.beginArray()
            writer.beginObject()
            writer.endObject()
            writer.null()
            try writer.value(true)
            try writer.value(-7)
            try writer.value([1, 2])
            try writer.value([String]())
            writer.beginObject()
            try writer.member("a", "x\"y")
            try writer.member("b", [0.5, 1])
            try writer.member("c", nil as String?)
            try writer.member("d", nil as [Int]?)
            try writer.member("e", Int8(-128))
            try writer.member("f", Float(0.1))
            try writer.member("g", ["k": UInt64.max])
            try writer.member("h", [Line(name: "n", numbers: [])])
            try writer.member("i", Level.high)
            writer.endObject()
            writer.endArray()
        }
        #expect(
            written == #"[{},null,true,-7,[1,2],[],{"a":"x\"y","b":[0.5,1],"e":-128,"f":0.1,"#
                + #""g":{"k":18446744073709551615},"h":[{"name":"n","numbers":[]}],"i":"HIGH"}]"#)
    }

    @Test(
        "grows as it is written to", arguments: [0, 1, 7, 8, 990, 995, 996, 997, 998, 999, 1000, 1001, 5000, 100_000])
    func growth(length: Int) throws {
        for unit in ["a", "\"", "\u{1}", "é"] {
            let value = String(repeating: unit, count: length)
            let list = [value, "", value]
            let bytes = try JSONCodec.default.encode(list)
            #expect(try JSONCodec.default.decode([String].self, from: bytes) == list)
        }
        let numbers = Array(repeating: Int.min, count: length / 20)
        #expect(try JSONCodec.default.decode([Int].self, from: JSONCodec.default.encode(numbers)) == numbers)
    }

    @Test("is used again after it was emptied")
    func removeAll() throws {
        let written = try text { writer in
            writer.beginArray()
            try writer.value("gone")
            writer.removeAll()
            try JSONCodec.default.encode(["kept"], to: &writer)
        }
        #expect(written == #"["kept"]"#)
    }

    @Test("escapes no more than it must")
    func escapes() throws {
        let every = String(String.UnicodeScalarView((0..<0x80).compactMap(Unicode.Scalar.init)))
        for prefix in 0..<9 {
            let value = String(repeating: "p", count: prefix) + every
            let written = try text { try $0.value(value) }
            #expect(try Coders.ours(String.self, written) == value)
            #expect(written.utf8.count == prefix + 2 + 128 + 7 + 27 * 5)
        }
    }

    @Test("keys are compared by their meaning")
    func keys() throws {
        struct Keys: JSONMessage {
            var matches: [Bool] = []
            init(from reader: inout JSONReader) throws {
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    matches.append(key == "twelve bytes" || key == "k" || key == "" || key == "quote\"")
                    #expect(try reader.skipNull() == false)
                    try reader.skipValue()
                }
            }
            func write(to writer: inout JSONWriter) {}
        }
        let text = #"{"twelve bytes":0,"twelve byteS":0,"k":0,"":0,"\u006b":0,"quote\"":0,"kk":0,"twelve bytes ":0}"#
        #expect(try Coders.ours(Keys.self, text).matches == [true, false, true, true, true, false, false])
    }

    @Test("elements are read one by one")
    func elements() throws {
        struct Sum: JSONMessage {
            var sum = 0.0
            init(from reader: inout JSONReader) throws {
                try reader.beginArray()
                while try reader.nextElement() { sum += try reader.optionalValue(Double.self) ?? 100 }
            }
            func write(to writer: inout JSONWriter) {}
        }
        #expect(try Coders.ours(Sum.self, " [ 1 , 2.5,null ] ").sum == 103.5)
        #expect(try Coders.ours(Sum.self, "[]").sum == 0)
        for text in ["[1,]", "[,1]", "[1 2]", "[1", "[", "{}", "1"] {
            #expect(throws: DecodingError.self) { try Coders.ours(Sum.self, text) }
        }
    }
}
