/// The exchanges, queues and bindings of one service, as values: looked at before anything is declared, and declared anew
/// over each connection.
struct Topology: Sendable {
    var exchanges: [ExchangeDeclaration] = []
    var queues: [QueueDeclaration] = []
    var bindings: [BindingDeclaration] = []

    /// Declares all of it; what exists and is otherwise is an error that names it.
    func declare(over channel: RabbitMQChannel, creating: Bool) async throws(TransportError) {
        guard creating else {
            for queue in queues { try await channel.call(.inspectQueue(queue.name)) }
            return
        }
        for exchange in exchanges { try await channel.call(.declareExchange(exchange)) }
        for queue in queues { try await channel.call(.declareQueue(queue)) }
        for binding in bindings { try await channel.call(.bind(binding)) }
    }
}

// MARK: - Cycles

extension Topology {
    /// A way on which the broker would send what it gives up round in a circle; nil when there is none. A message that
    /// waits for its next try does come back to where it failed, so what comes out of `waiting` queues is no circle.
    func deadLetterCycle(waiting: Set<String>) -> [String]? {
        for queue in queues where !waiting.contains(queue.name) {
            if let way = way(from: queue.name, to: queue.name, after: [queue.name]) { return way }
        }
        return nil
    }

    private func way(from name: String, to end: String, after way: [String]) -> [String]? {
        for next in targets(of: name) {
            if next == end { return way + [next] }
            guard !way.contains(next) else { continue }
            if let found = self.way(from: next, to: end, after: way + [next]) { return found }
        }
        return nil
    }

    /// The queues that get what the broker gives up in this one.
    private func targets(of name: String) -> [String] {
        guard let target = queues.first(where: { $0.name == name })?.deadLetterTarget else { return [] }
        guard !target.exchange.isEmpty else { return [target.key] }
        let isTopic = exchanges.contains { $0.name == target.exchange && $0.kind == .topic }
        return bindings.filter { binding in
            binding.exchange == target.exchange
                && (isTopic ? Self.matches(binding.key, target.key) : binding.key == target.key)
        }.map(\.queue)
    }

    /// Whether a binding of a topic exchange takes a routing key. Without a key of its own a dead letter keeps the one it
    /// came with, which may be any.
    private static func matches(_ binding: String, _ key: String) -> Bool {
        key.isEmpty || matches(binding.split(separator: ".")[...], key.split(separator: ".")[...])
    }

    private static func matches(_ binding: ArraySlice<Substring>, _ key: ArraySlice<Substring>) -> Bool {
        guard let first = binding.first else { return key.isEmpty }
        if first == "#" {
            return matches(binding.dropFirst(), key) || (!key.isEmpty && matches(binding, key.dropFirst()))
        }
        guard let word = key.first, first == "*" || first == word else { return false }
        return matches(binding.dropFirst(), key.dropFirst())
    }
}
