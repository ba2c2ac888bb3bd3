import Foundation
import NestJSON
import Testing

@Suite("Strategies") struct StrategyTests {
    struct Keys: Codable, Equatable {
        var orderTotal: Int?
        var myURLValue: Int?
        var aB: Int?
        var aB1C: Int?
        var _leadUnder_: Int?
        var x1Y: Int?
        var plain: Int?
        var ABC: Int?
        var byName: [String: [String: Int]]?
        var inner: [Inner]?
        struct Inner: Codable, Equatable { var someValue: Int }
    }

    static let full = Keys(
        orderTotal: 1, myURLValue: 2, aB: 3, aB1C: 4, _leadUnder_: 5, x1Y: 6, plain: 7, ABC: 8,
        byName: ["fooBar": ["barBaz": 1], "foo_bar": [:]], inner: [.init(someValue: 1)])

    @Test("write snake case as Foundation does")
    func snakeEncoding() throws {
        var codec = JSONCodec.default
        codec.keyEncoding = .convertToSnakeCase
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let theirs = try JSONCodec.default.decode(JSONValue.self, from: Array(encoder.encode(Self.full)))
        #expect(try JSONCodec.default.decode(JSONValue.self, from: codec.encode(Self.full)) == theirs)
        #expect(theirs["order_total"] == 1)
    }

    @Test(
        "read snake case as Foundation does",
        arguments: [
            #"{"order_total":1,"my_url_value":2,"a_b":3,"_lead_under_":4,"x1_y":5,"plain":6}"#,
            #"{"orderTotal":1}"#, #"{"order_Total":1}"#, #"{"ORDER_TOTAL":1}"#, #"{"order__total":1}"#,
            #"{"_order_total":1}"#, #"{"by_name":{"foo_bar":{"bar_baz":1}}}"#, #"{"inner":[{"some_value":1}]}"#,
            #"{"inner":[{"some_value":1},{"someValue":2},{"SomeValue":3}]}"#, #"{"order_total":"x"}"#,
            #"{"inner":[{"some_value":[]}]}"#, #"{"__":1,"_":2,"":3}"#,
        ])
    func snakeDecoding(text: String) {
        var codec = JSONCodec.default
        codec.keyDecoding = .convertFromSnakeCase
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let theirs = Result { try decoder.decode(Keys.self, from: Data(text.utf8)) }
        let ours = Result { try Coders.ours(Keys.self, text, codec: codec) }
        #expect(ours.mapError(Summary.init) == theirs.mapError(Summary.init))
    }

    struct Summary: Error, Equatable {
        var text: String
        init(_ error: any Error) { text = Coders.summary(error) }
    }

    @Test("write and read dates", arguments: [0.0, 1.5, -1_000_000.25, 1_700_000_000, 1_700_000_000.123])
    func dates(seconds: Double) throws {
        let date = [Date(timeIntervalSince1970: seconds)]
        let pairs: [(JSONCodec.DateCoding, JSONEncoder.DateEncodingStrategy, JSONDecoder.DateDecodingStrategy)] = [
            (.deferredToDate, .deferredToDate, .deferredToDate), (.iso8601, .iso8601, .iso8601),
            (.secondsSince1970, .secondsSince1970, .secondsSince1970),
            (.millisecondsSince1970, .millisecondsSince1970, .millisecondsSince1970),
        ]
        for (dates, writing, reading) in pairs {
            var codec = JSONCodec.default
            codec.dates = dates
            let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
            encoder.dateEncodingStrategy = writing
            decoder.dateDecodingStrategy = reading
            let theirs = Array(try encoder.encode(date))
            #expect(try codec.encode(date) == theirs)
            #expect(try codec.decode([Date].self, from: theirs) == decoder.decode([Date].self, from: Data(theirs)))
        }
    }

    @Test("refuse what is no date", arguments: [#"["x"]"#, "[1]", "[null]", "[{}]", #"["2020-13-01T00:00:00Z"]"#])
    func badDates(text: String) {
        var codec = JSONCodec.default
        codec.dates = .iso8601
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let theirs = Coders.failure { try decoder.decode([Date].self, from: Data(text.utf8)) }
        let ours = Coders.failure { try Coders.ours([Date].self, text, codec: codec) }
        #expect(ours == (theirs == "dataCorrupted " ? "dataCorrupted 0" : theirs), "Foundation leaves the path out")
    }

    @Test("write and read data")
    func data() throws {
        let data = Data([0, 1, 2, 255])
        #expect(try Coders.text(data) == "\"AAEC/w==\"")
        var codec = JSONCodec.default
        codec.data = .deferredToData
        #expect(try Coders.text(data, codec: codec) == "[0,1,2,255]")
        #expect(try Coders.ours(Data.self, "[0,1,2,255]", codec: codec) == data)
        for text in [#""AQ""#, #""AQ==\n""#, #""""#, #""!!!!""#, "1", "null"] {
            let theirs = Result { try Coders.foundation([Data].self, "[\(text)]") }.mapError(Summary.init)
            #expect(Result { try Coders.ours([Data].self, "[\(text)]") }.mapError(Summary.init) == theirs)
        }
    }

    @Test("write and read what is not finite")
    func nonFinite() throws {
        var codec = JSONCodec.default
        codec.nonFiniteFloats = .strings(positiveInfinity: "+", negativeInfinity: "-", nan: "?")
        #expect(try Coders.text([Double.infinity, -.infinity, .nan, 1], codec: codec) == #"["+","-","?",1]"#)
        let read = try Coders.ours([Double].self, #"["+","-","?",1]"#, codec: codec)
        #expect(read[0] == .infinity && read[1] == -.infinity && read[2].isNaN && read[3] == 1)
        #expect(try Coders.ours([String: Float].self, #"{"a":"-"}"#, codec: codec) == ["a": -.infinity])
        #expect(Coders.failure { try Coders.ours([Double].self, #"["x"]"#, codec: codec) } == "typeMismatch 0")
        #expect(Coders.failure { try Coders.ours([Double].self, #"["+"]"#) } == "typeMismatch 0")
    }

    @Test("sort names by their bytes")
    func sorted() throws {
        var codec = JSONCodec.default
        codec.sortedKeys = true
        let value: JSONValue = ["b": [["z": 1, "a": [:]], []], "a\"": 1, "a": "{\"x\":1}", "é": 2, "B": nil, "": 0]
        let text = try Coders.text(value, codec: codec)
        #expect(text == #"{"":0,"B":null,"a":"{\"x\":1}","a\"":1,"b":[{"a":{},"z":1},[]],"é":2}"#)
        var writer = JSONWriter()
        writer.beginArray()
        try codec.encode(value, to: &writer)
        try codec.encode(1, to: &writer)
        writer.endArray()
        #expect(writer.withBytes { String(decoding: $0, as: UTF8.self) } == "[\(text),1]")
    }

    @Test("hand on user info")
    func userInfo() throws {
        let key = try #require(CodingUserInfoKey(rawValue: "who"))
        struct Probe: Codable {
            var who: String?
            init() {}
            init(from decoder: any Decoder) { who = decoder.userInfo.values.first as? String }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(encoder.userInfo.values.first as? String)
            }
        }
        var codec = JSONCodec.default
        codec.userInfo[key] = "me"
        #expect(try Coders.ours([Probe].self, "[1]", codec: codec).first?.who == "me")
        #expect(try Coders.text([Probe()], codec: codec) == #"["me"]"#)
    }

    @Test("keep the nesting limit in bounds, and encoders within it")
    func nesting() throws {
        var codec = JSONCodec.default
        codec.nestingLimit = 0
        #expect(codec.nestingLimit == 1)
        codec.nestingLimit = 10_000
        #expect(codec.nestingLimit == 512)
        final class Loop: Encodable {
            var next: Loop?
        }
        let loop = Loop()
        loop.next = loop
        defer { loop.next = nil }
        #expect(throws: EncodingError.self) { try codec.encode(loop) }
        codec.nestingLimit = 2
        #expect(try Coders.text([[1]], codec: codec) == "[[1]]")
        #expect(Coders.failure { try Coders.text([["a": [1]]], codec: codec) } == "invalidValue 0.a")
        #expect(Coders.failure { try Coders.text([["a": [:]]] as JSONValue, codec: codec) } == "invalidValue 0.a")
    }
}
