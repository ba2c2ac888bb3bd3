import Foundation
import NIOCore
import NestMessaging

/// JSON compared by value: keys in any order, numbers by what they are worth.
struct JSONText: Equatable, CustomStringConvertible {
    let text: String

    init(_ text: String) { self.text = text }

    init(_ buffer: ByteBuffer) { text = String(buffer: buffer) }

    static func == (left: JSONText, right: JSONText) -> Bool {
        guard let left = left.object, let right = right.object else { return false }
        return left.isEqual(right)
    }

    private var object: NSObject? {
        try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? NSObject
    }

    var description: String { text }
}

extension NestCodec {
    func request(_ text: String) throws -> InboundRequest {
        let frame = ByteBuffer(string: text)
        return try readRequest(frame, in: ByteRange(0, frame.writerIndex))
    }

    func message(_ text: String) throws -> IncomingMessage {
        guard case .message(let message) = try request(text) else { throw TransportError("no_message", text) }
        return message
    }

    func response(_ text: String) throws -> InboundResponse {
        let frame = ByteBuffer(string: text)
        return try readResponse(frame, in: ByteRange(0, frame.writerIndex))
    }

    func written(_ response: OutboundResponse, id: String? = nil) -> String {
        var buffer = ByteBuffer()
        write(response, id: id.map { ByteBuffer(string: $0) }, to: &buffer)
        return String(buffer: buffer)
    }

    func written(_ request: OutboundRequest) -> String {
        var buffer = ByteBuffer()
        write(request, to: &buffer)
        return String(buffer: buffer)
    }
}

extension OutgoingMessage {
    static func to(_ pattern: Pattern, _ payload: String = "null", headers: MessageHeaders = [:]) throws
        -> OutgoingMessage
    {
        OutgoingMessage(
            pattern: pattern, payload: try Payload(json: payload), headers: headers, deadline: .now() + .seconds(60))
    }
}
