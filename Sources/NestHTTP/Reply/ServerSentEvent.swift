import NIOCore

/// One event of an event stream (`text/event-stream`). A handler that returns a sequence of them answers with one.
public struct ServerSentEvent: Sendable, Hashable {
    /// What it carries; may have several lines.
    public var data: String
    /// Its kind; nil: `message`.
    public var event: String?
    /// Its place in the stream: a browser that comes back says the last one it has seen, as `last-event-id`.
    public var id: String?
    /// How long a browser waits before it comes back.
    public var retry: Duration?

    /// An event with this text.
    public init(data: String, event: String? = nil, id: String? = nil, retry: Duration? = nil) {
        self.data = data
        self.event = event
        self.id = id
        self.retry = retry
    }

    /// An event with a value as JSON. Throws what the codec throws.
    public init(
        encoding value: some Encodable, event: String? = nil, id: String? = nil, retry: Duration? = nil,
        codec: JSONCodec = .default
    ) throws {
        let json = try codec.encode(value)
        self.init(data: String(decoding: json, as: UTF8.self), event: event, id: id, retry: retry)
    }

    /// The event as it stands on the wire. Line ends cannot break out of their field.
    var bytes: ByteBuffer {
        var text = ByteBuffer()
        if let event { text.writeString("event: \(Self.line(event))\n") }
        if let id { text.writeString("id: \(Self.line(id))\n") }
        if let retry { text.writeString("retry: \(max(0, TimeAmount(retry).nanoseconds / 1_000_000))\n") }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isLineEnd) {
            text.writeString("data: \(line)\n")
        }
        text.writeString("\n")
        return text
    }

    private static func line(_ text: String) -> String { String(text.filter { !$0.isLineEnd && $0 != "\0" }) }
}

extension Character {
    fileprivate var isLineEnd: Bool { self == "\n" || self == "\r" || self == "\r\n" }
}
