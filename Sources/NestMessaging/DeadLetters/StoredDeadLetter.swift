package import NIOCore

/// A message that could not be handled, as its broker keeps it.
public struct StoredDeadLetter: Sendable {
    /// What it is called among the dead letters of its service.
    public let id: String
    /// A request or an event; nil when what came was no message.
    public let kind: MessageKind?
    /// The pattern its sender named; empty when what came was no message.
    public let pattern: String
    /// Its payload; nil when what came was no JSON.
    public let payload: Payload?
    /// Its own headers, and `nest-attempt`, `nest-dead-reason`, `nest-dead-error`, `nest-dead-source`, `nest-dead-at`.
    public let headers: MessageHeaders
    /// What came, byte for byte.
    package let body: ByteBuffer

    /// Reads what was kept.
    package init(id: String, body: ByteBuffer, headers: MessageHeaders) {
        self.id = id
        self.headers = headers
        self.body = body
        let range = ByteRange(0, body.readableBytes)
        guard case .message(let message)? = try? NestCodec().readRequest(body, in: range) else {
            kind = nil
            pattern = ""
            payload = try? Payload(json: body)
            return
        }
        kind = message.kind
        pattern = message.pattern
        payload = message.payload
    }

    /// Why it is here: one of ``DeadLetter/Reason``, as text because another version may know more.
    public var reason: String? { headers[HeaderName.deadReason] }
    /// The last error, its code and its message.
    public var error: String? { headers[HeaderName.deadError] }
    /// Where it came from, in the broker's terms.
    public var source: String? { headers[HeaderName.deadSource] }
    /// When it was put here, as RFC 3339.
    public var time: String? { headers[HeaderName.deadAt] }
    /// How often it was tried.
    public var attempts: Int? { headers[HeaderName.attempt].flatMap { Int($0) } }

    /// The headers it is sent with again: its own.
    package var originalHeaders: MessageHeaders {
        var original = headers
        for header in headers where header.name.hasPrefix("nest-dead-") { original[header.name] = nil }
        original[HeaderName.attempt] = nil
        return original
    }
}
