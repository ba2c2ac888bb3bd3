import Logging
import NIOCore

/// Bindings that an earlier version of the service has left. The protocol has no way to ask for the bindings of a queue,
/// so they are noted in a message of a queue beside it.
extension RabbitMQIntake {
    /// Reports, or ends, the bindings that were noted and are not wanted any more, and notes those that are.
    func noteBindings(over channel: RabbitMQChannel) async throws(TransportError) {
        guard options.queues.createsQueues, let queue = plan.sources.first(where: { $0.role == .events })?.queue.name
        else { return }
        let record = RabbitMQNames.record(queue)
        var declaration = kinds.store(record)
        declaration.arguments[QueueArgument.maxLength] = .number(1)
        try await channel.call(.declareQueue(declaration))
        let wanted = Set(plan.topology.bindings.filter { $0.queue == queue }.map(\.key))
        let noted = try await take(record, over: channel)
        guard noted?.keys != wanted else { return await acknowledge(noted?.tag, requeue: true, channel) }
        let stale = (noted?.keys ?? []).subtracting(wanted).sorted()
        for key in stale { try await settle(key, of: queue, over: channel) }
        // One that is still bound is reported again by the next instance.
        let kept = options.queues.removesStaleBindings ? wanted : wanted.union(stale)
        await note(kept, in: record, over: channel)
        await acknowledge(noted?.tag, requeue: false, channel)
    }

    private func take(
        _ record: String, over channel: RabbitMQChannel
    ) async throws(TransportError) -> (tag: UInt64, keys: Set<String>)? {
        guard case .message(let message?) = try await channel.call(.get(queue: record)) else { return nil }
        let keys = try? Payload(json: message.body).decode([String].self)
        return (message.tag, Set(keys ?? []))
    }

    private func settle(_ key: String, of queue: String, over channel: RabbitMQChannel) async throws(TransportError) {
        let removes = options.queues.removesStaleBindings
        state.logger.warning(
            removes ? "a binding that no handler asks for is removed" : "a binding that no handler asks for is left",
            metadata: [
                LogKey.transport: .string(state.transport), "nest.queue": .string(queue), LogKey.pattern: .string(key),
            ])
        guard removes else { return }
        try await channel.call(.unbind(BindingDeclaration(queue: queue, exchange: plan.eventsExchange, key: key)))
    }

    private func note(_ keys: Set<String>, in record: String, over channel: RabbitMQChannel) async {
        guard let payload = try? Payload(encoding: keys.sorted()) else { return }
        await onLoop {
            channel.publish(Parcel(1, to: "", key: record, mandatory: false, .json, payload.buffer))
        }
    }

    private func acknowledge(_ tag: UInt64?, requeue: Bool, _ channel: RabbitMQChannel) async {
        guard let tag else { return }
        await onLoop {
            let connection = channel.connection
            if requeue {
                connection.writer.reject(tag, requeue: true, channel: channel.number)
            } else {
                connection.writer.acknowledge(tag, multiple: false, channel: channel.number)
            }
            connection.flushSoon()
        }
    }
}
