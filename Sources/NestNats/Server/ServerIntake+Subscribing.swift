/// What is done before messages come over a connection.
extension ServerIntake {
    /// Looks after the streams, and subscribes to everything.
    func subscribe(_ connection: NatsConnection) async throws(TransportError) -> [SubscriptionPlan.Source] {
        try await options.provideStreams(subjects, over: connection, deadLetters: keepsDeadLetters, state.logger)
        var sources = try plan.subscribe(connection)
        guard let group = plan.keptGroup, let stream = options.stream(subjects, over: connection) else {
            return sources
        }
        try await stream.provideConsumer(group)
        let inbox = await loop.run { self.puller?.renewInbox() ?? self.inbox }
        sources.append(
            SubscriptionPlan.Source(subscription: try connection.collect(inbox.wildcard, queue: nil), role: .kept))
        return sources
    }
}
