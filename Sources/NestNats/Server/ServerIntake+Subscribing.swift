/// What is done before messages come over a connection.
extension ServerIntake {
    /// The events of the stream that there are handlers for.
    var wantedFilter: ConsumerFilter {
        guard let jetStream = options.jetStream else { return .everything }
        let events = state.dispatcher.routes.filter { $0.kind == .emit && !$0.options.broadcast }
        return ConsumerFilter(of: events.map(\.pattern), jetStream, subjects)
    }

    /// Looks after the streams, and subscribes to everything.
    func subscribe(_ connection: NatsConnection) async throws(TransportError) -> [SubscriptionPlan.Source] {
        try await options.provideStreams(subjects, over: connection, deadLetters: keepsDeadLetters, state.logger)
        var sources = try plan.subscribe(connection)
        guard let group = plan.keptGroup, let stream = options.stream(subjects, over: connection) else {
            return sources
        }
        let filter = try await stream.provideConsumer(group, wantedFilter)
        if !filter.subjects.isEmpty, filter != wantedFilter {
            state.logger.warning(
                "the group's consumer is asked for more events than there are handlers for",
                metadata: [LogKey.transport: "nats", LogKey.reason: "\(group): \(filter)"])
        }
        let inbox = await loop.run { self.puller?.renewInbox(filter) ?? self.inbox }
        sources.append(
            SubscriptionPlan.Source(subscription: try connection.collect(inbox.wildcard, queue: nil), role: .kept))
        return sources
    }
}
