/// What a network, a broker or a peer can cause, in one type for every transport.
///
/// Switch on ``code``; show ``message`` to people. Code, message and ``details`` survive every hop between services;
/// ``cause`` stays in the process that has it. No message carries payloads or passwords.
public struct TransportError: Error, Sendable {
    /// What happened, as the string that also travels on the wire. The set is open: a peer may send its own codes.
    public struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        /// The code as it stands on the wire.
        public let rawValue: String

        /// A code of your own, such as `"card_declined"`.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A code of your own, such as `"card_declined"`.
        public init(stringLiteral value: String) { self.rawValue = value }

        /// The code as it stands on the wire.
        public var description: String { rawValue }
    }

    /// Storage behind a reference: an error is rare, and results that may hold one stay small.
    private final class Storage: Sendable {
        let code: Code
        let message: String
        let details: Payload?
        let cause: (any Error)?
        let origin: Origin

        init(code: Code, message: String, details: Payload?, cause: (any Error)?, origin: Origin) {
            self.code = code
            self.message = message
            self.details = details
            self.cause = cause
            self.origin = origin
        }
    }

    private let storage: Storage

    /// What happened.
    public var code: Code { storage.code }
    /// What happened, for people. Reaches the caller in another process when a handler throws it.
    public var message: String { storage.message }
    /// More about it as JSON, for example `{"code": 404}`. Reaches the caller too.
    public var details: Payload? { storage.details }
    /// The error underneath. Never leaves this process.
    public var cause: (any Error)? { storage.cause }
    /// Who says so.
    package var origin: Origin { storage.origin }

    /// An error with a code, a text for people, and what lies underneath.
    public init(_ code: Code, _ message: String, details: Payload? = nil, cause: (any Error)? = nil) {
        self.init(code, message, details: details, cause: cause, origin: .here)
    }

    package init(_ code: Code, _ message: String, details: Payload?, cause: (any Error)? = nil, origin: Origin) {
        storage = Storage(code: code, message: message, details: details, cause: cause, origin: origin)
    }

    /// An error whose details are an encodable value; details that cannot be encoded are left out.
    public init(_ code: Code, _ message: String, details: some Encodable, cause: (any Error)? = nil) {
        self.init(code, message, details: try? Payload(encoding: details), cause: cause)
    }
}

extension TransportError.Code {
    /// No reply came in time. The handler may have run.
    public static let timeout: Self = "timeout"
    /// The connection is down, or went down while waiting. The handler may have run.
    public static let disconnected: Self = "disconnected"
    /// The service is there and has no handler for the pattern.
    public static let noHandler: Self = "no_handler"
    /// The broker knows nobody who listens for the pattern.
    public static let noResponders: Self = "no_responders"
    /// A bound is reached: too many messages, connections or bytes are waiting.
    public static let overloaded: Self = "overloaded"
    /// The handler refused the message on purpose.
    public static let rejected: Self = "rejected"
    /// A guard refused the caller.
    public static let forbidden: Self = "forbidden"
    /// The caller did not say who it is, or its credentials were refused.
    public static let unauthenticated: Self = "unauthenticated"
    /// The message is larger than a limit.
    public static let tooLarge: Self = "too_large"
    /// The bytes are not what the wire or the handler's type asks for.
    public static let invalidMessage: Self = "invalid_message"
    /// The waiting task was cancelled. The handler may have run.
    public static let cancelled: Self = "cancelled"
    /// Something unexpected failed on the other side; its log has the cause.
    public static let `internal`: Self = "internal"
    /// An option, an address or a policy cannot work as given.
    public static let invalidConfiguration: Self = "invalid_configuration"
    /// Somebody else listens there. May pass: the instance that is being replaced may still hold the port.
    public static let addressInUse: Self = "address_in_use"
    /// Used after `close()`.
    public static let closed: Self = "closed"
    /// The configuration in use cannot do what was asked, see ``Guarantees``.
    public static let unsupported: Self = "unsupported"
}

extension TransportError: CustomStringConvertible {
    /// Code, message and cause in one line.
    public var description: String {
        cause.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)"
    }
}

extension TransportError: Equatable {
    /// Equal in what travels: code, message and details.
    public static func == (left: TransportError, right: TransportError) -> Bool {
        left.code == right.code && left.message == right.message && left.details == right.details
    }
}

extension TransportError {
    /// The error as the peer may see it: a `TransportError` as it is, an ``HTTPException`` as what it maps to, anything
    /// else as `internal` without its text, ``isOwnTrouble`` too.
    package init(reporting error: any Error) {
        switch error {
        case let error as TransportError where !error.isOwnTrouble: self = error
        case let error as HTTPException: self.init(error)
        case is CancellationError: self.init(.cancelled, "the handler was cancelled", cause: error)
        default: self.init(.internal, "internal error", cause: error)
        }
    }

    /// The task that waited was cancelled.
    package static var callerCancelled: TransportError {
        TransportError(.cancelled, "the caller was cancelled")
    }

    /// False when the handler (or the wire) refused on purpose, so that trying the same again cannot help.
    package var isUnexpected: Bool { code == .internal }
}
