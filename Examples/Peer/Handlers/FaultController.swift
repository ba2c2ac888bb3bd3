import NestMessaging

/// Handlers that fail.
struct FaultController: Controller {
    let state: PeerState

    /// An error as an application has many: none of the framework's.
    private struct Crash: Error {}

    static var dependencies: [Dependency] { [Dependency(PeerState.self)] }

    static func make(from resolver: Resolver) async throws -> FaultController {
        FaultController(state: try await resolver.resolve())
    }

    static var handlers: [Handler<FaultController>] {
        [
            .message("fail") { (_, _: NoPayload, _) throws -> Payload in
                throw TransportError("not_found", "not found", details: Details(code: 404))
            },
            .message("crash") { (_, _: NoPayload, _) throws -> Payload in throw Crash() },
            .message("flaky") { (faults, flaky: Flaky, context) in try faults.count(flaky, context) },
            .message("flaky.log") { (faults, key: FlakyKey, _) in faults.log(key) },
            .event("flaky.event") { (faults, flaky: Flaky, context) in try faults.count(event: flaky, context) },
        ]
    }

    private func count(_ flaky: Flaky, _ context: MessageContext) throws -> Total {
        let count = state.countAttempt(flaky.key, attempt: context.attempt)
        guard count > flaky.failures else {
            let details = Total(count: count, instance: state.id)
            throw TransportError("flaky", "try \(count) of \(flaky.failures) that fail", details: details)
        }
        return Total(count: count, instance: state.id)
    }

    /// The tries of an event may come to several instances: the transport counts them.
    private func count(event flaky: Flaky, _ context: MessageContext) throws {
        _ = state.countAttempt(flaky.key, attempt: context.attempt)
        guard context.attempt > flaky.failures else {
            throw TransportError("flaky", "try \(context.attempt) of \(flaky.failures) that fail")
        }
    }

    private func log(_ key: FlakyKey) -> FlakyLog {
        let attempts = state.attempts(key.key)
        return FlakyLog(count: attempts.count, attempts: attempts, instance: state.id)
    }
}
