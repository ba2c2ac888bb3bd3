import Foundation
import NIOCore
import NestMessaging
import Testing

/// The examples of wire revision 1, read and written. Compared by value.
@Suite struct GoldenTests {
    private let codec = NestCodec()

    private static func example(_ name: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Golden/revision-1.json")
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        let example = try #require((all?["examples"] as? [String: Any])?[name])
        return String(decoding: try JSONSerialization.data(withJSONObject: example), as: UTF8.self)
    }

    @Test(arguments: ["wire_request_send", "wire_request_emit", "wire_request_with_reply"])
    func requests(name: String) throws {
        let text = try Self.example(name)
        let message = try codec.message(text)
        let again = OutboundRequest(
            kind: message.kind,
            message: OutgoingMessage(
                pattern: Pattern(message.pattern), payload: message.payload, deadline: .distantFuture),
            reply: message.reply, correlationID: message.correlationID)
        #expect(JSONText(codec.written(again)) == JSONText(text))
    }

    @Test func requestFields() throws {
        let send = try codec.message(try Self.example("wire_request_send"))
        #expect(send.kind == .send && send.pattern == "user.get")
        #expect(JSONText("\(send.payload)") == JSONText(#"{"id":1}"#))
        #expect(send.reply == nil && send.correlationID == nil && send.headers.isEmpty)
        let emit = try codec.message(try Self.example("wire_request_emit"))
        #expect(emit.kind == .emit && emit.pattern == "order.created")
        let reply = try codec.message(try Self.example("wire_request_with_reply"))
        #expect(reply.reply == "amq.gen-reply-1" && reply.correlationID == "cid-9")
    }

    @Test func success() throws {
        let text = try Self.example("wire_response_ok")
        guard case .success(let payload, hasPayload: true) = try codec.response(text).content else {
            Issue.record("no success")
            return
        }
        #expect(JSONText(codec.written(.reply(.success(payload)))) == JSONText(text))
    }

    @Test func successWithoutPayload() throws {
        let text = try Self.example("wire_response_ok_no_payload")
        #expect(try codec.response(text).content == .success(.null, hasPayload: false))
        #expect(JSONText(codec.written(.end)) == JSONText(text))
    }

    @Test func error() throws {
        let text = try Self.example("wire_response_error")
        guard case .failure(let error) = try codec.response(text).content else {
            Issue.record("no failure")
            return
        }
        #expect(error.message == "not found" && error.code.rawValue.isEmpty)
        #expect(try error.details?.decode([String: Int].self) == ["code": 404])
        #expect(JSONText(codec.written(.reply(.failure(error)))) == JSONText(text))
    }

    @Test func minimalError() throws {
        let text = #"{"ok":false,"error":"# + (try Self.example("wire_error_minimal")) + "}"
        let error = TransportError("", "failed")
        #expect(try codec.response(text).content == .failure(error))
        #expect(JSONText(codec.written(.reply(.failure(error)))) == JSONText(text))
    }

    @Test func fieldOrderOfARequest() throws {
        let request = OutboundRequest(
            kind: .send, message: try .to("a.b", #"{"x":1}"#, headers: ["h": "v"]), id: 7, reply: "r",
            correlationID: "c")
        #expect(
            codec.written(request)
                == #"{"id":"7","kind":"send","pattern":"a.b","payload":{"x":1},"reply":"r","correlation_id":"c","headers":{"h":"v"}}"#
        )
    }
}
