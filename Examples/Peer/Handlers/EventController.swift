import NestMessaging

/// Handlers of events, and the requests that tell what came.
///
/// Of several instances each tells what it has handled, and its name: whoever asks adds them up. An event with the header
/// `run` is counted for that run too, so that the sum needs no count from before.
struct EventController: Controller {
    let state: PeerState

    static var dependencies: [Dependency] { [Dependency(PeerState.self)] }

    static func make(from resolver: Resolver) async throws -> EventController {
        EventController(state: try await resolver.resolve())
    }

    static var handlers: [Handler<EventController>] {
        [
            .event("user.created") { (events, user: Payload, context) in
                events.state.countUser(user, run: context.headers["run"])
            },
            .event("user.seen") { (events, user: Payload, _) in events.state.countUser(user, run: nil) },
            .event("user.seen.message") { (events, _: MessageEcho, _) in events.state.countUser(.null, run: nil) },
            .event("user.seen.typed") { (events, _: TypedEcho, _) in events.state.countUser(.null, run: nil) },
            .event("audit.>") { (events, _: NoPayload, context) in
                events.state.countAudit(run: context.headers["run"])
            },
            .message("events.count") { (events, query: CountQuery?, _) in events.users(query?.run) },
            .message("audit.count") { (events, query: CountQuery?, _) in
                Total(count: events.state.audits(run: query?.run), instance: events.state.id)
            },
        ]
    }

    private func users(_ run: String?) -> UserCount {
        let tally = state.users(run: run)
        return UserCount(count: tally.count, last: tally.last, instance: state.id)
    }
}
