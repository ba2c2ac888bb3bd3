import NestMessaging

/// Handlers of events, and the requests that tell what came.
struct EventController: Controller {
    let state: PeerState

    static var dependencies: [Dependency] { [Dependency(PeerState.self)] }

    static func make(from resolver: Resolver) async throws -> EventController {
        EventController(state: try await resolver.resolve())
    }

    static var handlers: [Handler<EventController>] {
        [
            .event("user.created") { (events, user: Payload, _) in events.state.countUser(user) },
            .event("audit.>") { (events, _: NoPayload, _) in events.state.countAudit() },
            .message("events.count") { (events, _: NoPayload, _) in events.state.users },
            .message("audit.count") { (events, _: NoPayload, _) in Total(count: events.state.audits) },
        ]
    }
}
