import Foundation
import NestJSON
import Testing

@Suite("Generated values, beside Foundation") struct FoundationParityTests {
    @Test("go through both coders in all directions", arguments: 0..<150)
    func roundTrips(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let value = Sample(&random)
        let ours = try JSONCodec.default.encode(value)
        let theirs = try JSONEncoder().encode(value)
        #expect(try JSONCodec.default.decode(Sample.self, from: ours) == value)
        #expect(try JSONDecoder().decode(Sample.self, from: Data(ours)) == value)
        #expect(try JSONCodec.default.decode(Sample.self, from: Array(theirs)) == value)
        let untyped = try JSONCodec.default.decode(JSONValue.self, from: ours)
        #expect(try JSONCodec.default.decode(JSONValue.self, from: Array(theirs)) == untyped)
        #expect(try JSONCodec.default.encode(untyped) == ours)
    }

    @Test("are the same with white space and sorted keys", arguments: 0..<30)
    func prettyPrinted(seed: Int) throws {
        var random = SeededRandom(seed: 1000 + seed)
        let value = Sample(&random)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        #expect(try JSONCodec.default.decode(Sample.self, from: Array(try encoder.encode(value))) == value)
        var codec = JSONCodec.default
        codec.sortedKeys = true
        let sorted = try codec.encode(value)
        #expect(try codec.decode(Sample.self, from: sorted) == value)
        let again = try codec.encode(try codec.decode(JSONValue.self, from: sorted))
        #expect(again == sorted)
    }

    @Test("have the numbers Foundation reads", arguments: 0..<20)
    func doubles(seed: Int) throws {
        var random = SeededRandom(seed: 7000 + seed)
        for _ in 0..<500 {
            let number = random.double()
            let text = try Coders.text(number)
            #expect(try Coders.ours(Double.self, text).bitPattern == number.bitPattern, "\(text)")
            #expect(try Coders.ours(Double.self, "\(number)").bitPattern == number.bitPattern)
            let digits = Int.random(in: 1...25, using: &random)
            let long = (0..<digits).map { _ in "\(Int.random(in: 1...9, using: &random))" }.joined()
            let exponent = Int.random(in: -330...280, using: &random)
            let written = "\(long)e\(exponent)"
            #expect((try? Coders.ours(Double.self, written)) == expected(written), "\(written)")
            let float = random.float()
            #expect(try Coders.ours(Float.self, try Coders.text(float)).bitPattern == float.bitPattern)
        }
    }

    /// Numbers too small or too large are errors.
    private func expected(_ text: String) -> Double? {
        Double(text).flatMap { $0.isFinite && $0 != 0 ? $0 : nil }
    }

    @Test("fail the same way when one byte is broken", arguments: 0..<3)
    func brokenBytes(seed: Int) throws {
        var random = SeededRandom(seed: 9000 + seed)
        let bytes = try JSONCodec.default.encode(Special(&random))
        for index in bytes.indices {
            for byte: UInt8 in [0, 0x20, 0x22, 0x2c, 0x30, 0x5b, 0x5c, 0x7d, 0x80, 0xff] {
                var broken = bytes
                broken[index] = byte
                let ours = try? JSONCodec.default.decode(Special.self, from: broken)
                let theirs = try? JSONDecoder().decode(Special.self, from: Data(broken))
                #expect(ours == theirs, "\(String(decoding: broken, as: UTF8.self))")
            }
        }
    }

    @Test("cut anywhere are refused", arguments: 0..<4)
    func truncated(seed: Int) throws {
        var random = SeededRandom(seed: 11_000 + seed)
        let bytes = try JSONCodec.default.encode(Sample(&random, depth: 0))
        for length in bytes.indices {
            let cut = Array(bytes[..<length])
            #expect(throws: DecodingError.self) { try JSONCodec.default.decode(Sample.self, from: cut) }
            #expect(throws: DecodingError.self) { try JSONCodec.default.decode(JSONValue.self, from: cut) }
        }
    }
}
