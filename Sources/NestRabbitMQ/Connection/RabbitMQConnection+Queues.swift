extension RabbitMQConnection {
    /// How a queue is; nil when there is none.
    func state(of queue: String) async throws(TransportError) -> QueueState? {
        // Over a channel of its own: the broker closes it when there is no such queue.
        let channel = try await openChannel()
        do throws(TransportError) {
            guard case .queue(let state) = try await channel.call(.inspectQueue(queue)) else { return nil }
            try await channel.call(.closeChannel)
            return state
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}
