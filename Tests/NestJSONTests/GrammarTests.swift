import Foundation
import NestJSON
import Testing

@Suite("The grammar of RFC 8259") struct GrammarTests {
    @Test(
        "takes what it must",
        arguments: [
            ##"[]"##, ##"{}"##, ##"null"##, ##"true"##, ##"false"##, ##"0"##, ##"-0"##, ##"1"##, ##"-1"##, ##"10"##,
            ##"1.5"##, ##"-1.5e3"##, ##"1E5"##, ##"1e+5"##, ##"1E-5"##, ##"0e0"##, ##"0.0"##,
            ##"123456789012345678901234567890"##, ##""""##, ##""a""##, ##"[null]"##, ##"[[]]"##, ##"[[],[]]"##,
            ##"{"a":1}"##, ##"{"":0}"##, ##"{"a":{"b":{}}}"##, ##"[1,2,3]"##, ##"[1, 2 , 3 ]"##, ##"{"a":1,"b":2}"##,
            ##"{"a":1,"a":2}"##, ##""\"""##, ##""\\""##, ##""\/""##, ##""\b\f\n\r\t""##, ##""\u0000""##,
            ##""\u0041""##, ##""\u00e9""##, ##""\uD83D\uDE00""##, ##""\ud83d\ude00""##, ##""\uFFFF""##,
            ##""\uFDD0""##, ##""\u2028""##, ##""é""##, ##""日本""##, ##""😀""##, ##""/""##, ##""~""##, ##""[]{},:""##,
            ##""\\u0041""##, ##""a\\""##, ##""\"\"""##, ##""12345678""##, ##""1234567\"""##, ##""1234567\\""##,
            ##""\u007f""##, ##"[1e1]"##, ##"[1e-2]"##, ##"[-0.1]"##, ##"[0.10]"##, ##"[1.000]"##,
            ##"[9007199254740993]"##, ##"[1e308]"##, ##"[-1e-308]"##, ##"[true,false,null]"##, ##"["a","b"]"##,
            ##"{"x":[{"y":[]}]}"##,
        ])
    func valid(text: String) throws {
        #expect(Self.isValid(text))
        #expect(Self.isValid(" \t\r\n\(text)\n "))
        #expect(Self.isValid("[\(text),{\"a\":\(text)}]"))
        let value = try Coders.ours(JSONValue.self, text)
        #expect(try value == Coders.ours(JSONValue.self, Coders.text(value)))
        #expect(throws: Never.self) {
            try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        }
    }

    @Test(
        "refuses what it must",
        arguments: [
            ##""##, ##","##, ##":"##, ##"]"##, ##"}"##, ##"["##, ##"{"##, ##"""##, ##"[1"##, ##"[1,"##, ##"[1,]"##,
            ##"[,1]"##, ##"[1,,2]"##, ##"[1 2]"##, ##"[1:2]"##, ##"{"a""##, ##"{"a":"##, ##"{"a":1"##, ##"{"a":1,"##,
            ##"{"a":1,}"##, ##"{,"a":1}"##, ##"{"a"1}"##, ##"{"a":}"##, ##"{"a",1}"##, ##"{a:1}"##, ##"{'a':1}"##,
            ##"{1:1}"##, ##"{null:1}"##, ##"{"a":1 "b":2}"##, ##"{"a":1,,"b":2}"##, ##"{"a"::1}"##, ##"{"a":1;}"##,
            ##"{[]:1}"##, ##"{}}"##, ##"[]]"##, ##"[}"##, ##"1 2"##, ##"1,"##, ##"1]"##, ##"nullnull"##, ##"[] []"##,
            ##"{} x"##, ##""a" "b""##, ##"tru"##, ##"nul"##, ##"fals"##, ##"True"##, ##"NULL"##, ##"nan"##, ##"NaN"##,
            ##"Infinity"##, ##"-Infinity"##, ##"-inf"##, ##"undefined"##, ##"trueX"##, ##"truefalse"##, ##"01"##,
            ##"-01"##, ##"00"##, ##"1."##, ##".1"##, ##"-.1"##, ##"-"##, ##"+"##, ##"+1"##, ##"1e"##, ##"1e+"##,
            ##"1e-"##, ##"1.e1"##, ##"1.5e"##, ##"1e1.5"##, ##"--1"##, ##"-a"##, ##"0x1"##, ##"0b1"##, ##"1_000"##,
            ##"1,000"##, ##"1a"##, ##"1e5x"##, ##"０"##, ##"1.2.3"##, ##"0e"##, ##"0.e1"##, ##"2.e3"##, ##"1ea"##,
            ##"-0x"##, ##"'a'"##, ##""a"##, ##""a\"##, ##""\""##, ##""\x41""##, ##""\a""##, ##""\U0041""##,
            ##""\u""##, ##""\u1""##, ##""\u12""##, ##""\u123""##, ##""\u123g""##, ##""\u 123""##, ##""\ud800""##,
            ##""\udc00""##, ##""\ud800x""##, ##""\ud800\n""##, ##""\ud800\u0041""##, ##""\ud800\ud800""##,
            ##""\udc00\ud800""##, ##""\ud800\udc0""##, ##""\ud83d\\ude00""##, ##"/* x */1"##, ##"1//x"##,
            ##"[1]/**/"##, ##"#1"##, ##"<null>"##, ##"[1];"##, ##""a"b"##, ##"["a"b]"##, ##"[1]x"##, ##"[a]"##,
            ##"[\n]"##, ##"["\']"##, ##"[tru]"##, ##"{"a":tru}"##, ##"{"a":"b"/**/}"##, ##"\u005b]"##, ##"`a`"##,
            ##"(1)"##, ##"$"##, ##"[1,2"##, ##"["a",4"##, ##"[[[["##, ##"{"a":{"b":"##, ##"[{}"##,
        ])
    func invalid(text: String) {
        for text in [text, " \(text)", "[0,\(text) ,0]", "{\"a\":\(text) ,\"b\":0}"] {
            #expect(!Self.isValid(text), "\(text)")
            #expect(throws: DecodingError.self) { try Coders.ours(JSONValue.self, text) }
            #expect(throws: DecodingError.self) { try Coders.ours(Anything.self, text) }
        }
    }

    @Test("refuses bytes that are no text", arguments: malformedBytes)
    func malformed(bytes: [UInt8]) {
        for padding in 0..<9 {
            let text = Array("[\"".utf8) + Array(repeating: 0x61, count: padding) + bytes + Array("\"]".utf8)
            #expect(throws: JSONScanner.Failure.self) { try text.withUnsafeBytes { try JSONScanner.validate($0) } }
            #expect(throws: DecodingError.self) { try JSONCodec.default.decode([String].self, from: text) }
            #expect(throws: DecodingError.self) { try JSONCodec.default.decode(Anything.self, from: text) }
        }
    }

    static let malformedBytes: [[UInt8]] =
        (0..<0x20).map { [$0] } + (0x80..<0xc2).map { [$0] } + (0xf5...0xff).map { [$0, 0x80, 0x80, 0x80] } + [
            [0xc2], [0xc2, 0x41], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
            [0xe2, 0x82], [0xe2, 0x28, 0xa1], [0xe2, 0x82, 0x28], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf],
            [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f, 0x98], [0xf0, 0x9f, 0x28, 0x80], [0xf0, 0x9f, 0x98, 0x28],
            [0xc0, 0xaf], [0xc1, 0xbf], [0x5c, 0x00], [0x5c, 0xc3, 0xa9], [0xc3, 0xa9, 0xc3],
        ]

    @Test("takes every character as it stands and escaped")
    func characters() throws {
        let edges: [UInt32] = [
            0x20, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0xfffff, 0x10ffff,
        ]
        for scalar in edges.compactMap(Unicode.Scalar.init) {
            let text = String(Character(scalar))
            #expect(try Coders.ours(String.self, "\"\(text)\"") == text)
            let escaped = text.utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined()
            #expect(try Coders.ours(String.self, "\"\(escaped)\"") == text)
            #expect(
                try Coders.ours(String.self, "\"\(escaped.uppercased().replacing("\\U", with: "\\u"))x\"") == text + "x"
            )
            #expect(try Coders.ours(String.self, Coders.text(text)) == text)
        }
    }

    @Test("does not take a byte order mark, or bytes in UTF-16")
    func otherEncodings() {
        #expect(!Self.isValid("\u{feff}[]"))
        #expect(throws: DecodingError.self) { try JSONCodec.default.decode(JSONValue.self, from: [0x5b, 0, 0x5d, 0]) }
        #expect(throws: DecodingError.self) { try JSONCodec.default.decode(JSONValue.self, from: []) }
    }

    @Test("gives the end of a value and leaves the rest alone")
    func ends() throws {
        for (text, end) in [("1,2", 1), ("{} x", 2), ("\"a\"b", 3), ("[1]]", 3), ("true}", 4), ("-1.5e3 ", 6)] {
            #expect(try Array(text.utf8).withUnsafeBytes { try JSONScanner.skipValue($0, at: 0) } == end)
        }
    }

    @Test("bounds nesting")
    func nesting() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func text(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            }
            #expect(Self.isValid(text(128)))
            #expect(!Self.isValid(text(129)))
            #expect(!Self.isValid(String(repeating: open, count: 1_000_000)))
            #expect(throws: Never.self) { try Coders.ours(JSONValue.self, text(128)) }
            #expect(throws: DecodingError.self) { try Coders.ours(JSONValue.self, text(129)) }
            var codec = JSONCodec.default
            codec.nestingLimit = 3
            #expect(throws: Never.self) { try Coders.ours(Anything.self, text(3), codec: codec) }
            #expect(throws: DecodingError.self) { try Coders.ours(Anything.self, text(4), codec: codec) }
        }
    }

    private static func isValid(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { bytes in (try? JSONScanner.validate(bytes)) != nil }
    }

    /// Decodes nothing.
    struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }
}
