public import NIOCore

/// One message as a client hands it to its transport.
public struct OutgoingMessage: Sendable {
    /// Where it goes.
    public var pattern: Pattern
    /// What it says, encoded once.
    public var payload: Payload
    /// What the caller sends beside the payload, and what the framework has added.
    package var ownHeaders: MessageHeaders
    /// How long the caller waits, as the other side is told; nil when it is not.
    package var toldMilliseconds: Int64?
    /// Messages of the same key keep their order where the transport promises it.
    public var key: String?
    /// Messages of a higher priority come first where the transport keeps them by it.
    public var priority: UInt8?
    /// When the caller stops waiting: the transport settles the call by then.
    public var deadline: NIODeadline
    /// For a streaming request: when the whole stream must have ended. ``deadline`` bounds its opening, and the time
    /// left until then the wait for each item.
    public var streamDeadline: NIODeadline?

    package init(
        pattern: Pattern, payload: Payload, headers: MessageHeaders = [:], key: String? = nil, priority: UInt8? = nil,
        deadline: NIODeadline, streamDeadline: NIODeadline? = nil, toldMilliseconds: Int64? = nil
    ) {
        self.pattern = pattern
        self.payload = payload
        ownHeaders = headers
        self.key = key
        self.priority = priority
        self.deadline = deadline
        self.streamDeadline = streamDeadline
        self.toldMilliseconds = toldMilliseconds
    }

    /// Headers, the framework's own included.
    public var headers: MessageHeaders {
        get {
            guard let toldMilliseconds else { return ownHeaders }
            var headers = ownHeaders
            headers[HeaderName.timeout] = String(toldMilliseconds)
            return headers
        }
        set {
            ownHeaders = newValue
            toldMilliseconds = nil
        }
    }

    /// Milliseconds left until the deadline, at least 1 while it has not passed.
    package func millisecondsLeft(at now: NIODeadline = .now()) -> Int64 { Self.milliseconds(from: now, to: deadline) }

    static func milliseconds(from now: NIODeadline, to deadline: NIODeadline) -> Int64 {
        let nanoseconds = (deadline - now).nanoseconds
        return nanoseconds <= 0 ? 0 : max(1, nanoseconds / 1_000_000)
    }
}
