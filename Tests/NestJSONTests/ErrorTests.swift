import Foundation
import NestJSON
import Testing

@Suite("Errors") struct ErrorTests {
    struct Person: Codable, Equatable {
        var name: String
        var age: Int?
        var friends: [Person]?
        var scores: [String: [Double]]?
    }

    @Test(
        "have the kind and path that Foundation's have",
        arguments: [
            "{}", "[]", "null", "1", #""x""#, #"{"name":1}"#, #"{"name":null}"#, #"{"name":"a","age":"x"}"#,
            #"{"name":"a","age":true}"#, #"{"name":"a","age":{}}"#, #"{"name":"a","friends":{}}"#,
            #"{"name":"a","friends":[{}]}"#, #"{"name":"a","friends":[{"name":"b"},{"name":[]}]}"#,
            #"{"name":"a","friends":[{"name":"b","friends":[{"name":"c"},{"age":1}]}]}"#,
            #"{"name":"a","friends":[null]}"#, #"{"name":"a","scores":[]}"#, #"{"name":"a","scores":{"x":1}}"#,
            #"{"name":"a","scores":{"x":[1,2,"3"]}}"#, #"{"name":"a","scores":{"x":[null]}}"#,
            #" { "name" : "a" , "scores" : { "\u0078\"" : [ 1 , false ] } } "#,
        ])
    func sameAsFoundation(text: String) {
        let theirs = Coders.failure { try Coders.foundation(Person.self, text) }
        #expect(Coders.failure { try Coders.ours(Person.self, text) } == theirs)
        let list = "[\(text)]"
        let theirsInList = Coders.failure { try Coders.foundation([Person].self, list) }
        #expect(Coders.failure { try Coders.ours([Person].self, list) } == theirsInList)
    }

    @Test("of enums are Foundation's", arguments: ["{}", #"{"a":{}}"#, #"{"one":{}}"#, #"{"one":{"_0":"x"}}"#, "1"])
    func enums(text: String) {
        let theirs = Coders.failure { try Coders.foundation(Choice.self, text) }
        #expect(Coders.failure { try Coders.ours(Choice.self, text) } == theirs)
    }

    @Test("say where a number does not fit")
    func range() {
        #expect(Coders.failure { try Coders.ours([Int8].self, "[1,128]") } == "dataCorrupted 1")
        #expect(Coders.failure { try Coders.ours([String: UInt].self, #"{"a":-1}"#) } == "dataCorrupted a")
        #expect(Coders.failure { try Coders.ours([Int].self, "[1.5]") } == "dataCorrupted 0")
        #expect(Coders.failure { try Coders.ours([[Double]].self, "[[],[1e999]]") } == "dataCorrupted 1.0")
    }

    @Test("of encoding have a path")
    func encoding() {
        let values: [String: [Double]] = ["a": [1, .nan]]
        #expect(Coders.failure { try Coders.text(values) } == "invalidValue a.1")
        #expect(Coders.failure { try Coders.text(Double.infinity) } == "invalidValue ")
        #expect(Coders.failure { try Coders.text(["x": ["y": [Decimal.nan]]]) } == "invalidValue x.y.0")
        struct Nothing: Encodable { func encode(to encoder: any Encoder) {} }
        #expect(Coders.failure { try Coders.text(Nothing()) } == "invalidValue ")
    }

    @Test("of malformed text carry the place")
    func malformed() throws {
        let error = #expect(throws: DecodingError.self) { try Coders.ours([Int].self, "[1,]") }
        guard case .dataCorrupted(let context) = error else { throw try #require(error) }
        #expect(context.debugDescription == "The given data was not valid JSON: unexpected byte at byte 3")
        #expect(context.codingPath.isEmpty)
    }

    @Test("leave out what failed when it is caught while encoding")
    func caught() throws {
        struct Lenient: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Flattened.Keys.self)
                try container.encode(1, forKey: .after)
                try? container.encode(Double.nan, forKey: .position)
                try? container.encode(["a": [1, Double.nan]], forKey: .list)
                var list = container.nestedUnkeyedContainer(forKey: .list)
                try? list.encode(Float.infinity)
                try list.encode(2)
                #expect(list.count == 1)
            }
        }
        #expect(try Coders.text(Lenient()) == #"{"after":1,"list":[2]}"#)
    }

    @Test("do not come from paths asked for while all is well")
    func paths() throws {
        struct Probe: Codable, Equatable {
            var path: [String]
            init(from decoder: any Decoder) throws {
                path = decoder.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
            }
            init() { path = [] }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(encoder.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue })
            }
        }
        let text = #"{"a":[0,{"b c":[[],[0]]}],"d":1}"#
        let found = try Coders.ours([String: JSONShape<Probe>].self, text)
        let theirs = try Coders.foundation([String: JSONShape<Probe>].self, text)
        #expect(found == theirs)
        let nested = ["x": [["y": Probe()], ["z": Probe()]]]
        let written = try Coders.text(nested)
        #expect(written == #"{"x":[{"y":["x","0","y"]},{"z":["x","1","z"]}]}"#)
    }

    @Test("that are caught cost time in proportion to the text")
    func caughtWhileReading() throws {
        struct Lenient: Decodable {
            var text: String?
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                let failures = [
                    Coders.failure { try container.decode(Bool.self) },
                    Coders.failure { try container.decode(Int.self) },
                    Coders.failure { try container.decode([String: String].self) },
                ]
                #expect(Set(failures).count == 1)
                text = failures.first
            }
        }
        let text = "{\"first\":[0],\"list\":[" + (0..<5_000).map { "[\"\($0)\"]" }.joined(separator: ",") + "]}"
        struct Outer: Decodable { var list: [[Lenient]] }
        let list = try Coders.ours(Outer.self, text).list
        #expect(list[4_999].first?.text == "typeMismatch list.4999.0")
        #expect(list[0].first?.text == "typeMismatch list.0.0")
    }

    /// Objects and arrays as they come, and a probe where a number stands.
    indirect enum JSONShape<Leaf: Codable & Equatable>: Decodable, Equatable {
        case leaf(Leaf), list([Self]), object([String: Self])

        init(from decoder: any Decoder) throws {
            if let list = try? decoder.singleValueContainer().decode([Self].self) {
                self = .list(list)
            } else if let object = try? decoder.singleValueContainer().decode([String: Self].self) {
                self = .object(object)
            } else {
                self = .leaf(try Leaf(from: decoder))
            }
        }
    }
}
