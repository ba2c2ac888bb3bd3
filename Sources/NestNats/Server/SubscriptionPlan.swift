/// What a server subscribes to: a subject for each pattern, and who shares its messages.
struct SubscriptionPlan: Sendable {
    /// What comes over a subscription.
    enum Role: Sendable {
        /// Requests, for one instance of the service.
        case requests
        /// Events for the group.
        case group
        /// Events that every instance gets.
        case everyone
        /// Events a stream keeps, as they were asked for.
        case kept
    }

    /// A subscription that collects messages.
    struct Source: Sendable {
        let subscription: NatsSubscription
        let role: Role
    }

    private struct Entry: Sendable {
        let subject: String
        let queue: String
        let role: Role
    }

    /// Which events there are handlers for.
    let events: PatternSet
    /// Which of them a stream keeps.
    let kept: PatternSet
    /// The group whose kept events are asked for; nil when no handler wants any.
    let keptGroup: String?
    private let entries: [Entry]

    /// Requests and events have queues of different names: a subject that a request handler and an event handler of the
    /// service both cover reaches each of them. Within a queue, patterns that overlap deliver once.
    init(
        _ routes: [Route], _ options: NatsOptions, _ environment: TransportEnvironment
    ) throws(TransportError) {
        let subjects = NatsSubjects(prefix: options.prefix)
        let own = UniqueName.new()
        let suffix = options.sharesMessages ? "" : ".\(own)"
        var entries: [String: Entry] = [:]
        let streamed = options.jetStream?.subjects.map { Pattern($0) } ?? []
        for route in routes {
            if let problem = subjects.problem(subscribing: route.pattern, inbox: options.inboxPrefix) {
                throw TransportError(.invalidConfiguration, problem)
            }
            if route.kind == .send, let stream = streamed.first(where: { $0.overlaps(route.pattern) }) {
                throw TransportError(
                    .invalidConfiguration,
                    "request pattern `\(route.pattern)` lies in the stream's `\(stream)`: the stream would answer it")
            }
            // What the stream keeps comes from there; the rest of a wildcard may still come directly.
            if route.kind == .emit, !route.options.broadcast, streamed.contains(where: { $0.includes(route.pattern) }) {
                continue
            }
            let subject = subjects.subject(of: route.pattern)
            let entry =
                switch (route.kind, route.options.broadcast) {
                case (.send, _): Entry(subject: subject, queue: environment.queue + suffix, role: .requests)
                case (.emit, false):
                    Entry(subject: subject, queue: "\(environment.group).events\(suffix)", role: .group)
                case (.emit, true):
                    Entry(subject: subject, queue: "\(environment.group).events.\(own)", role: .everyone)
                }
            entries["\(entry.role) \(subject)"] = entry
        }
        for entry in entries.values where entry.queue.utf8.contains(where: { $0 <= 0x20 }) {
            throw TransportError(
                .invalidConfiguration, "queue and group name a queue of NATS: `\(entry.queue)` has white space")
        }
        self.entries = entries.values.sorted { ($0.subject, "\($0.role)") < ($1.subject, "\($1.role)") }
        events = PatternSet(routes.filter { $0.kind == .emit }.map(\.pattern))
        kept = PatternSet(streamed)
        let wantsKept = routes.contains { route in
            route.kind == .emit && !route.options.broadcast && streamed.contains { $0.overlaps(route.pattern) }
        }
        keptGroup = wantsKept ? JetStreamOptions.consumerName(environment.group) : nil
    }

    /// Subscribes to all of it.
    func subscribe(_ connection: NatsConnection) throws(TransportError) -> [Source] {
        var sources: [Source] = []
        for entry in entries {
            sources.append(
                Source(subscription: try connection.collect(entry.subject, queue: entry.queue), role: entry.role))
        }
        return sources
    }
}
