package import NIOCore

/// How messages are written as JSON objects and read back: the one place that spells field names.
///
/// Framing (lines, subjects, records) is the transport's; the objects inside are the codec's. ``NestCodec`` is our own
/// wire, the one in `WIRE.md`.
package protocol MessageCodec: Sendable {
    /// Reads what a client sent: a request, an event or a word about a running stream.
    ///
    /// `range` is the object's place in `frame`, in absolute indices.
    func readRequest(_ frame: ByteBuffer, in range: ByteRange) throws(EnvelopeError) -> InboundRequest

    /// Reads what a server sent.
    func readResponse(_ frame: ByteBuffer, in range: ByteRange) throws(EnvelopeError) -> InboundResponse

    /// Appends a request or an event. Optional fields are left out when nil or empty.
    func write(_ request: OutboundRequest, to buffer: inout ByteBuffer)

    /// The same of parts, for those who write many: putting them together would copy the message.
    func write(
        _ kind: MessageKind, _ message: OutgoingMessage, id: UInt64?, reply: String?, correlationID: String?,
        to buffer: inout ByteBuffer)

    /// Appends a word about a running stream.
    func write(_ control: StreamControl, id: UInt64, to buffer: inout ByteBuffer)

    /// Appends a successful response whose payload was just written. `id` is the place of the request's id in `frame`.
    func write(_ payload: borrowing JSONWriter, id: ByteRange, in frame: ByteBuffer, to buffer: inout ByteBuffer)

    /// Appends a successful response whose payload was just written, on wires that carry the id elsewhere.
    func write(_ payload: borrowing JSONWriter, to buffer: inout ByteBuffer)

    /// Appends a response. `id` is the request's id as its sender wrote it, nil on wires that carry it elsewhere.
    func write(_ response: OutboundResponse, id: ByteBuffer?, to buffer: inout ByteBuffer)
}

/// What a server can be sent.
package enum InboundRequest: Sendable {
    case message(IncomingMessage)
    /// The id is raw JSON, as it came.
    case control(StreamControl, id: ByteBuffer)
}

/// What the reader of a stream tells its writer.
@usableFromInline
package enum StreamControl: Sendable, Equatable {
    /// Ready for so many more items.
    case credit(Int)
    /// Does not want the rest.
    case cancel
}

/// What a client can be sent.
package struct InboundResponse: Sendable {
    package enum Content: Sendable, Equatable {
        /// The only payload, or the last word of a stream without one (`hasPayload` false).
        case success(Payload, hasPayload: Bool)
        /// One item of a stream; more will come.
        case item(Payload)
        case failure(TransportError)
    }

    /// The request's number; nil when the id is none of ours or absent.
    package var id: UInt64?
    /// The id in the envelope's `correlation_id`, on wires that use it.
    package var correlationID: String?
    package var content: Content
}

/// A request or event to be written.
package struct OutboundRequest: Sendable {
    package var kind: MessageKind
    package var message: OutgoingMessage
    /// Our number for it, on wires that carry ids.
    package var id: UInt64?
    package var reply: String?
    package var correlationID: String?

    package init(
        kind: MessageKind, message: OutgoingMessage, id: UInt64? = nil, reply: String? = nil,
        correlationID: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.id = id
        self.reply = reply
        self.correlationID = correlationID
    }
}

/// A response to be written.
@usableFromInline
package enum OutboundResponse: Sendable {
    case reply(WireResponse)
    case item(Payload)
    case end
}

/// Bytes that are no envelope. When the id could be read, the answer carries it.
package struct EnvelopeError: Error, Sendable {
    package var reason: String
    /// The id as raw JSON.
    package var id: ByteBuffer?
}
