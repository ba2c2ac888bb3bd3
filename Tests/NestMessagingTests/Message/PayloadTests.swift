import NIOCore
import NestMessaging
import Testing

@Suite struct PayloadTests {
    @Test(arguments: ["null", "9007199254740993", "1.10", "[1, 2]", #""x""#, " {} "])
    func takesJSONAsItIs(text: String) throws {
        let payload = try Payload(json: text)
        #expect("\(payload)" == text && payload.count == text.utf8.count)
    }

    @Test(arguments: ["", " ", "nul", "01", "{}{}", "[1,]", "'x'", "NaN"])
    func refusesWhatIsNoJSON(text: String) {
        let error = #expect(throws: TransportError.self) { try Payload(json: text) }
        #expect(error?.code == .invalidMessage)
    }

    @Test func aPayloadPassesThroughCodable() throws {
        let payload = try Payload(json: "[1.10]")
        #expect(try payload.decode(Payload.self) == payload)
        #expect(try Payload(encoding: payload) == payload)
        #expect(try Payload(encoding: ["a": 1]).decode([String: Int].self) == ["a": 1])
        #expect(throws: DecodingError.self) { try payload.decode(Int.self) }
    }
}
