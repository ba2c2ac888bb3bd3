import Foundation
import NestJSON
import Testing

@Suite("Untyped values") struct JSONValueTests {
    @Test(
        "keep digits and order",
        arguments: [
            "1.10", "-0", "1e400", "123456789012345678901234567890.000", "0.1e-7", #"{"z":1,"a":[2.50,{"b":null}]}"#,
            #""text""#, "true", "null", "[]", "{}",
        ])
    func digits(text: String) throws {
        let value = try Coders.ours(JSONValue.self, text)
        #expect(try Coders.text(value) == text)
        #expect(value.description == text)
        struct Wrapped: Codable { var inner: [JSONValue] }
        let wrapped = try Coders.ours(Wrapped.self, #"{"inner":[\#(text)]}"#)
        #expect(try Coders.text(wrapped) == #"{"inner":[\#(text)]}"#)
    }

    @Test("are equal when they mean the same")
    func equality() throws {
        func value(_ text: String) throws -> JSONValue { try Coders.ours(JSONValue.self, text) }
        for (left, right) in [
            ("1", "1.0"), ("100", "1e2"), ("0", "-0.0e9"), ("0.10", "1e-1"), (#"{"a":1,"b":2}"#, #"{"b":2.0,"a":1}"#),
            (#""\u0041""#, #""A""#), ("12345678901234567890123", "1.2345678901234567890123e22"),
        ] {
            #expect(try value(left) == value(right))
            #expect(try value(left).hashValue == value(right).hashValue)
        }
        for (left, right) in [
            ("1", "1.1"), ("1", "-1"), ("1", #""1""#), ("[1,2]", "[2,1]"), (#"{"a":1}"#, #"{"a":1,"b":1}"#),
            ("0", "null"),
            ("9007199254740993", "9007199254740992"), ("1e400", "1e401"),
        ] {
            #expect(try value(left) != value(right))
        }
    }

    @Test("are written as literals and looked into")
    func literals() throws {
        let value: JSONValue = ["name": "a", "list": [1, 2.5, true, nil], "inner": ["x": ["y": -3]]]
        #expect(try Coders.text(value) == #"{"name":"a","list":[1,2.5,true,null],"inner":{"x":{"y":-3}}}"#)
        #expect(value["name"]?.string == "a")
        #expect(value["list"]?[1]?.double == 2.5)
        #expect(value["list"]?[0]?.int == 1)
        #expect(value["list"]?[1]?.int == nil)
        #expect(value["list"]?[2]?.bool == true)
        #expect(value["list"]?[3]?.isNull == true)
        #expect(value["list"]?[4] == nil)
        #expect(value["list"]?[-1] == nil)
        #expect(value["list"]?.array?.count == 4)
        #expect(value["inner"]?["x"]?["y"]?.int == -3)
        #expect(value["name"]?["x"] == nil)
        #expect(value["none"] == nil)
    }

    @Test("go through Foundation's coders", arguments: 0..<20)
    func foundation(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let value = try JSONCodec.default.decode(JSONValue.self, from: JSONCodec.default.encode(Special(&random)))
        let theirs = try JSONEncoder().encode(value)
        #expect(try JSONCodec.default.decode(JSONValue.self, from: Array(theirs)) == value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: theirs) == value)
        let mixed: JSONValue = [1, "a", nil, true, [], [:], 1.5, ["a": [nil]], .number(JSONNumber(UInt64.max))]
        #expect(try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(mixed)) == mixed)
    }

    @Test("turn into types and back")
    func conversion() throws {
        let line = Line(name: "a", numbers: [1, 2])
        let value = try JSONValue(encoding: line)
        #expect(value == ["name": "a", "numbers": [1, 2]])
        #expect(try value.decode(Line.self) == line)
        #expect(Coders.failure { try value.decode(Order.self) }.hasPrefix("keyNotFound sku"))
    }

    @Test("numbers come only from well-formed text")
    func numbers() {
        for text in ["", "-", "01", "1.", "1x", " 1", "1 ", "nan", "0x1", "true", "+1"] {
            #expect(JSONNumber(text) == nil)
        }
        for text in ["0", "-1", "1.50e+7"] { #expect(JSONNumber(text)?.text == text) }
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(0.1)?.text == "0.1")
        #expect(JSONNumber("1e3")?.integer() == 1000)
        #expect(JSONNumber("300")?.integer(UInt8.self) == nil)
    }

    @Test("objects are edited by name")
    func objects() {
        var object = JSONObject()
        for index in 0..<40 { object["k\(index)"] = .number(JSONNumber(index)) }
        object["k3"] = nil
        object["k4"] = "four"
        object["new"] = true
        object["none"] = nil
        #expect(object.count == 40)
        #expect(object.keys.first == "k0" && object.keys.last == "new")
        #expect(object["k3"] == nil && object["k4"] == "four" && object["k39"]?.int == 39)
        var reversed = JSONObject()
        for member in object.reversed() { reversed[member.key] = member.value }
        #expect(object == reversed && object.hashValue == reversed.hashValue)
    }
}
