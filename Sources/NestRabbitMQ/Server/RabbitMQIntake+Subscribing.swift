import NIOCore

/// What is done before messages come over a connection.
extension RabbitMQIntake {
    /// Declares everything and consumes from every queue. Deliveries may come before it returns.
    func consume(over connection: RabbitMQConnection) async throws(TransportError) {
        let number = await onLoop { self.nextConnection() }
        connection.whenEnded { [weak self] _ in self?.lostConsumers(number) }
        let control = try await connection.openChannel()
        try await plan.topology.declare(over: control, creating: options.queues.createsQueues)
        try await noteBindings(over: control)
        try await control.call(.closeChannel)
        for source in plan.sources { try await consume(source, over: connection, number) }
        await onLoop { self.beginConsuming(connection) }
    }

    private func consume(
        _ source: ServicePlan.Source, over connection: RabbitMQConnection, _ number: UInt64
    ) async throws(TransportError) {
        let consumer = Later<RabbitMQConsumer>()
        let channel = try await connection.openChannel { channel in
            let made = RabbitMQConsumer(channel, source, connectionNumber: number)
            consumer.value = made
            self.add(made)
        }
        guard let consumer = consumer.value else { return }
        try await channel.call(.prefetch(prefetch))
        if source.role == .broadcast { try await declareOwnQueue(consumer, source.queue) }
        try await channel.call(
            .consume(queue: consumer.queue, tag: consumer.tag, acknowledges: true, isExclusive: false))
    }

    /// A queue of this instance, with a name of the broker's.
    private func declareOwnQueue(
        _ consumer: RabbitMQConsumer, _ queue: QueueDeclaration
    ) async throws(TransportError) {
        guard case .queue(let state) = try await consumer.channel.call(.declareQueue(queue)) else { return }
        await onLoop { consumer.named(state.name) }
        for key in plan.broadcastKeys {
            let binding = BindingDeclaration(queue: state.name, exchange: plan.eventsExchange, key: key)
            try await consumer.channel.call(.bind(binding))
        }
    }

    private var prefetch: Int { options.queues.prefetch ?? min(state.limits.maxInFlight, 65_535) }

    /// Makes the connection the one that answers leave by.
    func publish(over connection: RabbitMQConnection) async throws(TransportError) {
        let line = PublishingLine(connection, options) { [weak self] ticket, reply in
            // Not before the call has returned that sent it.
            guard let self else { return }
            loop.execute { self.moved(ticket, reply) }
        }
        line.moves.whenRefused = { [refusals, weak connection] in if let connection { refusals.refused(connection) } }
        connection.whenEnded { [weak self, weak line] _ in if let line { self?.lostPublishing(line) } }
        let (answers, moving) = try await line.prepare { [weak self] in self?.hear($0) }
        await onLoop { self.beginPublishing(line, answers, moving) }
    }

    func onLoop<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await state.loop.run(body)
    }
}

/// What a closure puts down before another takes it up, on the same loop.
private final class Later<Value: Sendable>: @unchecked Sendable {
    var value: Value?
}

// MARK: - The end

extension RabbitMQIntake {
    /// Asks for no more, and gives back what has not begun.
    func beginDrain() {
        guard state.phase == .open else { return }
        state.phase = .draining
        for consumer in consumers where consumer.channel.failure == nil {
            consumer.channel.ask(.cancel(tag: consumer.tag)) { _ in }
        }
        handBackWaiting()
        takeAll()
    }

    /// Everything that is left goes back to the broker; what is written leaves with the end of the connections.
    func end(_ error: TransportError) {
        close(error) {
            handBackAll()
            for delivery in recounts.values { delivery.consumer.reject(delivery.id.tag, requeue: true) }
            recounts = [:]
        }
        for consumer in consumers { consumer.flush() }
        for each in leaving { each.done.resume() }
        leaving = []
        for line in lines { line.leave() }
    }
}
