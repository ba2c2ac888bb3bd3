import Foundation
import NestJSON
import Testing

@Suite("Numbers") struct NumberTests {
    static let texts = [
        "0", "-0", "1", "-1", "127", "128", "-128", "-129", "255", "256", "32767", "32768", "-32768", "-32769", "65535",
        "65536", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "999999999999999999", "1000000000000000000",
        "1e2", "1.0", "1.5", "-1.0", "100e-2", "1e-2", "255.0", "1e18", "1e19", "12.50e1", "-0.0", "0e5", "0.000e-7",
    ]

    @Test("of every width fit or fail as with Foundation", arguments: texts)
    func widths(text: String) {
        func same<Number: FixedWidthInteger & Codable & Sendable>(_ type: Number.Type) {
            let theirs = try? Coders.foundation(type, text)
            #expect((try? Coders.ours(type, text)) == theirs, "\(type) \(text)")
            #expect((try? Coders.ours([Number].self, "[\(text)]")) == theirs.map { [$0] }, "\(type) \(text)")
        }
        same(Int.self); same(Int8.self); same(Int16.self); same(Int32.self); same(Int64.self)
        same(UInt.self); same(UInt8.self); same(UInt16.self); same(UInt32.self); same(UInt64.self)
    }

    @Test("are read exactly where Foundation goes through Double")
    func exact() throws {
        #expect(try Coders.ours(Int.self, "9.223372036854775807e18") == .max)
        #expect(try Coders.ours(UInt64.self, "1.8446744073709551615e19") == .max)
        #expect(try Coders.ours(Int.self, "9007199254740993.0") == 9_007_199_254_740_993)
        #expect(try Coders.ours(Int.self, "92233720368547758070e-1") == .max)
        #expect(Coders.failure { try Coders.ours(Int.self, "9.223372036854775808e18") } == "dataCorrupted ")
        #expect(Coders.failure { try Coders.ours(Int.self, "1e1000000000000") } == "dataCorrupted ")
        #expect(Coders.failure { try Coders.ours(Int.self, "1.00000000000000000000000001") } == "dataCorrupted ")
    }

    @Test("of 128 bits")
    func wide() throws {
        #expect(try Coders.ours(Int128.self, "\(Int128.min)") == .min)
        #expect(try Coders.ours(Int128.self, "\(Int128.max)") == .max)
        #expect(try Coders.ours(UInt128.self, "\(UInt128.max)") == .max)
        #expect(try Coders.ours(UInt128.self, "1e20") == 100_000_000_000_000_000_000)
        #expect(try Coders.text([Int128.min, .max]) == "[\(Int128.min),\(Int128.max)]")
        #expect(
            Coders.failure { try Coders.ours(UInt128.self, "340282366920938463463374607431768211456") }
                == "dataCorrupted ")
        #expect(Coders.failure { try Coders.ours(UInt128.self, "-1") } == "dataCorrupted ")
    }

    @Test("are written as Foundation writes them")
    func written() throws {
        let doubles: [Double] = [
            0, -0.0, 1, -1, 0.1, 1.5, 1e15, 1e16, 9007199254740992, 9007199254740994, 1e20, 1e22, 1e-5, 1e-7,
            .leastNonzeroMagnitude,
            1.7976931348623157e308, 123456.75, 1 / 3, 99.99,
        ]
        for number in doubles { #expect(try Coders.text(number) == foundation(number)) }
        var random = SeededRandom(seed: 42)
        for _ in 0..<20_000 {
            let amount = Double(Int.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random)) / 100
            #expect(try Coders.text(amount) == foundation(amount))
            let near = amount.nextUp
            #expect(try Coders.text(near) == foundation(near))
        }
        let floats: [Float] = [0, -0.0, 1, 0.1, 16777216, 16777218, 1e10, 3.4028235e38, .leastNonzeroMagnitude, 1e-5]
        for number in floats { #expect(try Coders.text(number) == foundation(number)) }
        let wholes: [UInt64] = [0, 9, 10, 99, 100, 12345, 9_999_999_999, 10_000_000_000_000_000_000, .max, .max - 1]
        for number in wholes { #expect(try Coders.text(number) == "\(number)") }
        #expect(try Coders.text([Int.min, Int.max]) == "[\(Int.min),\(Int.max)]")
    }

    private func foundation(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    @Test(
        "keep a Decimal's digits",
        arguments: ["1.10", "0.1", "-1e-3", "123456789012345678901234567890.12345678", "1e100"])
    func decimals(text: String) throws {
        let decimal = try Coders.ours(Decimal.self, text)
        #expect(try decimal == Coders.foundation(Decimal.self, text))
        #expect(try Coders.ours(Decimal.self, Coders.text(decimal)) == decimal)
    }

    @Test("that a Decimal cannot hold are refused", arguments: ["1e200", "-1e999", #""1.5""#, "null", "[]"])
    func decimalErrors(text: String) {
        #expect(throws: DecodingError.self) { try Coders.ours(Decimal.self, text) }
    }
}
