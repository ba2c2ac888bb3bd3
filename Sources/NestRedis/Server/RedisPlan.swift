/// What a server listens to.
struct RedisPlan: Sendable {
    let mode: RedisMode
    /// What requests there are handlers for.
    let requests: PatternSet
    /// What events there are handlers for, those for everyone among them.
    let events: PatternSet
    /// What events one instance of the group gets.
    let shared: PatternSet
    /// What events every instance gets.
    let broadcasts: PatternSet
    let queue: String
    let group: String
    /// Patterns without and with wildcards, for publish and subscribe.
    let channels: [Pattern]
    let globs: [Pattern]

    init(
        _ routes: [Route], _ options: RedisOptions, _ environment: TransportEnvironment
    ) throws(TransportError) {
        mode = options.mode
        queue = environment.queue
        group = environment.group
        let events = routes.filter { $0.kind == .emit }
        requests = PatternSet(routes.filter { $0.kind == .send }.map(\.pattern))
        self.events = PatternSet(events.map(\.pattern))
        broadcasts = PatternSet(events.filter(\.options.broadcast).map(\.pattern))
        shared = PatternSet(events.filter { !$0.options.broadcast }.map(\.pattern))
        if mode == .lists, let route = events.first(where: \.options.broadcast) {
            throw TransportError(
                .invalidConfiguration,
                "event pattern `\(route.pattern)` is broadcast, which Redis lists cannot do: use streams or pub/sub")
        }
        let patterns = Set(routes.map(\.pattern))
        channels = patterns.filter { !$0.hasWildcards }.sorted { $0.name < $1.name }
        globs = patterns.filter(\.hasWildcards).sorted { $0.name < $1.name }
    }

    /// Some events are for one instance of the group.
    var sharesEvents: Bool { !shared.isEmpty }
    /// The service answers requests.
    var answers: Bool { !requests.isEmpty }
    /// Some events are for every instance.
    var hasBroadcasts: Bool { !broadcasts.isEmpty }
}
