import NIOCore
import Testing

@testable import NestMessaging

@Suite struct EnvelopeWriterTests {
    private let codec = NestCodec()

    static let texts = [
        "", "plain", "a \"quoted\" \\ one", "line\nbreak\r\ttab", "\u{0}\u{1}\u{1f}\u{7f}", "é ü 😀 \u{2028}",
        String(repeating: "\u{1}", count: 500),
    ]

    @Test(arguments: texts)
    func requestsComeBackAsTheyWere(text: String) throws {
        let headers: MessageHeaders = ["name": text, "k\(text)": "v"]
        let request = OutboundRequest(
            kind: .emit, message: try .to(Pattern("p\(text)"), "[1,2]", headers: headers), id: 99, reply: "r\(text)",
            correlationID: text.isEmpty ? nil : "c")
        let message = try codec.message(codec.written(request))
        #expect(message.kind == .emit && message.pattern == "p\(text)")
        #expect("\(message.payload)" == "[1,2]" && message.headers == headers)
        #expect(message.reply.map { JSONTextReader.unescaped($0) } == "r\(text)")
        #expect(message.string(message.idRange) == "\"99\"")
    }

    @Test(arguments: texts)
    func errorsComeBackAsTheyWere(text: String) throws {
        let error = TransportError(.init(rawValue: text), text, details: ["d": text])
        let response = try codec.response(codec.written(.reply(.failure(error)), id: "\"5\""))
        #expect(response.id == 5 && response.content == .failure(error))
    }

    @Test func optionalFieldsAreLeftOut() throws {
        let request = OutboundRequest(kind: .send, message: try .to("p"))
        #expect(codec.written(request) == #"{"kind":"send","pattern":"p","payload":null}"#)
        #expect(codec.written(.reply(.success(.null))) == #"{"ok":true,"payload":null}"#)
        #expect(codec.written(.reply(.failure(TransportError("", "m")))) == #"{"ok":false,"error":{"message":"m"}}"#)
        #expect(codec.written(.end, id: "7") == #"{"id":7,"ok":true}"#)
        #expect(codec.written(.item(.null), id: "\"7\"") == #"{"id":"7","ok":true,"payload":null,"more":true}"#)
    }

    @Test(arguments: [0, 9, 10, 99, 12_345, UInt64.max])
    func idsAndControls(id: UInt64) throws {
        var buffer = ByteBuffer()
        codec.write(.credit(3), id: id, to: &buffer)
        #expect(String(buffer: buffer) == "{\"id\":\"\(id)\",\"kind\":\"credit\",\"count\":3}")
        buffer.clear()
        codec.write(.cancel, id: id, to: &buffer)
        #expect(String(buffer: buffer) == "{\"id\":\"\(id)\",\"kind\":\"cancel\"}")
        let request = OutboundRequest(kind: .send, message: try .to("p"), id: id)
        #expect(codec.written(request).hasPrefix("{\"id\":\"\(id)\","))
    }

    @Test func writesBehindWhatIsThere() throws {
        var buffer = ByteBuffer(string: "before\n")
        codec.write(.reply(.success(try Payload(json: "[1]"))), id: ByteBuffer(string: "\"a\""), to: &buffer)
        #expect(String(buffer: buffer) == "before\n{\"id\":\"a\",\"ok\":true,\"payload\":[1]}")
    }
}

/// `reply` and `correlation_id` are names we make ourselves; read back as they stand between the quotes.
private enum JSONTextReader {
    static func unescaped(_ text: String) -> String? {
        try? Payload(json: "\"\(text)\"").decode(String.self)
    }
}
