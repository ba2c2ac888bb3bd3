import NestMessaging

/// An event that every instance gets: only where the transport can do that.
struct BroadcastController: Controller {
    let state: PeerState

    static var dependencies: [Dependency] { [Dependency(PeerState.self)] }

    static func make(from resolver: Resolver) async throws -> BroadcastController {
        BroadcastController(state: try await resolver.resolve())
    }

    static var handlers: [Handler<BroadcastController>] {
        [
            .event("told.all", options: HandlerOptions(broadcast: true)) { (told, _: NoPayload, context) in
                if let run = context.headers["run"] { told.state.countTold(run: run) }
            },
            .message("told.count") { (told, query: CountQuery, _) in
                Total(count: told.state.told(run: query.run), instance: told.state.id)
            },
        ]
    }
}
