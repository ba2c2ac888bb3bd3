import Synchronization

/// From what a handler came to, to what becomes of its message: the delivery contract in one place.
struct Settlement: Sendable {
    let transport: String
    let guarantees: Guarantees
    let policy: DeliveryPolicy
    let logger: Logger
    /// Nil when nothing is measured.
    let metrics: TransportMetrics?
    private let unknownPatterns = UnknownPatterns()

    init(transport: String, guarantees: Guarantees, policy: DeliveryPolicy, logger: Logger) {
        self.init(
            transport: transport, guarantees: guarantees, policy: policy, logger: logger,
            metrics: .installed(transport: transport))
    }

    init(
        transport: String, guarantees: Guarantees, policy: DeliveryPolicy, logger: Logger, metrics: TransportMetrics?
    ) {
        self.transport = transport
        self.guarantees = guarantees
        self.policy = policy
        self.logger = logger
        self.metrics = metrics
    }

    /// A handler returned.
    @inline(__always)
    func outcome(of result: HandlerResult, _ message: IncomingMessage) -> Outcome {
        guard message.kind == .send else { return .done }
        switch result {
        case .payload(let payload): return .reply(.success(payload))
        case .stream(let stream): return .stream(stream)
        case .none: return .reply(.success(.null))
        case .response:
            return .reply(.failure(TransportError(.internal, "the handler answered in another front's terms")))
        }
    }

    /// The same for one that needed no task; nil: it has nothing to say.
    @inline(__always)
    func outcome(inline payload: Payload?, _ message: IncomingMessage) -> Outcome {
        message.kind == .send ? .reply(.success(payload ?? .null)) : .done
    }

    /// A handler, or something around it, threw.
    func outcome(of error: any Error, _ message: IncomingMessage, _ route: Route?) -> Outcome {
        let reported = report(error, message, route)
        guard message.kind == .send else { return event(reported, message) }
        let answer = WireResponse.failure(reported.withoutCause)
        guard reported.isUnexpected, keepsDeadLetters, policy.keepsFailedRequests else {
            return .reply(answer)
        }
        return .replyAndDeadLetter(answer, DeadLetter(.unexpectedFailure, reported))
    }

    /// Logs what nobody expected, once, where it happened; what is thrown on purpose goes to the caller.
    func report(_ error: any Error, _ message: IncomingMessage, _ route: Route?) -> TransportError {
        let reported = TransportError(reporting: error)
        guard reported.isUnexpected || message.kind == .emit else { return reported }
        logger.log(
            level: reported.isUnexpected ? .error : .warning, "handler failed",
            metadata: [
                LogKey.transport: .string(transport), LogKey.pattern: .string(message.pattern),
                LogKey.handler: .string(route?.handler ?? ""), LogKey.attempt: .stringConvertible(message.attempt),
                LogKey.error: .string("\(reported.cause ?? reported)"),
            ])
        return reported
    }

    /// The caller has stopped waiting: its handler is not run.
    func expired(_ message: IncomingMessage) -> Outcome {
        let error = TransportError(.timeout, "the deadline had passed before the handler could run")
        return message.kind == .send ? .reply(.failure(error)) : .done
    }

    /// Nobody has the pattern. Never silent: the caller gets an error, a durable delivery is kept.
    func unknown(_ message: IncomingMessage) -> Outcome {
        let pattern = message.pattern
        let error = TransportError(.noHandler, "no microservice handler for pattern `\(pattern)`")
        metrics?.countUnknownPattern()
        if unknownPatterns.isNew(pattern) {
            logger.warning(
                "no handler for pattern",
                metadata: [LogKey.transport: .string(transport), LogKey.pattern: .string(pattern)])
        }
        guard message.kind == .emit else { return .reply(.failure(error)) }
        return giveUp(.noHandler, error)
    }

    /// Bytes that are no envelope.
    func malformed(_ reason: String) -> Outcome {
        let error = TransportError(.invalidMessage, "invalid request: \(reason)")
        metrics?.countMalformed()
        return giveUp(.invalidMessage, error)
    }

    private func event(_ error: TransportError, _ message: IncomingMessage) -> Outcome {
        if error.code == .invalidMessage { return giveUp(.invalidMessage, error) }
        guard guarantees.contains(.retries), message.attempt < policy.maxAttempts else {
            return giveUp(.maxAttempts, error)
        }
        return .retry(after: policy.backoff.delay(after: message.attempt), error)
    }

    private func giveUp(_ reason: DeadLetter.Reason, _ error: TransportError) -> Outcome {
        keepsDeadLetters ? .deadLetter(DeadLetter(reason, error)) : .done
    }

    private var keepsDeadLetters: Bool { guarantees.contains(.deadLetters) && policy.deadLetter == .enabled }
}

extension TransportError {
    /// What may leave the process.
    var withoutCause: TransportError { cause == nil ? self : TransportError(code, message, details: details) }
}

/// The unknown patterns that were logged, a bounded number of them.
private final class UnknownPatterns: Sendable {
    private static let limit = 1_000
    private let seen = Mutex<Set<String>>([])

    func isNew(_ pattern: String) -> Bool {
        seen.withLock { $0.count < Self.limit && $0.insert(pattern).inserted }
    }
}
