/// What a transport does with a message after the dispatcher has seen it. Every delivery gets exactly one.
public enum Outcome: Sendable {
    /// Answer the caller.
    case reply(WireResponse)
    /// Answer the caller, and keep the request among the dead letters too: its handler failed unexpectedly.
    case replyAndDeadLetter(WireResponse, DeadLetter)
    /// Answer item by item.
    case stream(PayloadStream)
    /// Acknowledge.
    case done
    /// Deliver again after a while.
    case retry(after: Duration, TransportError)
    /// Keep it where an operator finds it, then acknowledge.
    case deadLetter(DeadLetter)
}

/// Why a message is kept aside.
public struct DeadLetter: Sendable {
    /// The kinds of reasons, as they stand in the header `nest-dead-reason`.
    public enum Reason: String, Sendable {
        /// The bytes are no envelope, or the payload does not fit the handler's type.
        case invalidMessage = "invalid_message"
        /// No handler has the pattern.
        case noHandler = "no_handler"
        /// The handler failed as often as the policy allows.
        case maxAttempts = "max_attempts"
        /// A request's handler failed unexpectedly.
        case unexpectedFailure = "unexpected_failure"
    }

    /// Why.
    public var reason: Reason
    /// The last error.
    public var error: TransportError

    /// A reason and the error behind it.
    public init(_ reason: Reason, _ error: TransportError) {
        self.reason = reason
        self.error = error
    }
}
