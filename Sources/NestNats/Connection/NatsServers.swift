import Synchronization

/// The servers there are to connect to: those the options name, and what the cluster has said of itself.
final class NatsServers: Sendable {
    private struct State {
        /// Where it was connected last.
        var last: NatsAddress?
        /// Servers of the cluster that no option names.
        var discovered: [NatsAddress] = []
    }

    private let named: [NatsAddress]
    private let state = Mutex(State())

    init(_ named: [NatsAddress]) { self.named = named }

    /// The named servers, then those the cluster has named. The one that was lost last comes last.
    var addresses: [NatsAddress] {
        let (last, discovered) = state.withLock { ($0.last, $0.discovered) }
        var all = named
        for address in discovered where !all.contains(where: { $0.isSamePlace(as: address) }) { all.append(address) }
        if let last, let index = all.firstIndex(where: { $0.isSamePlace(as: last) }) {
            all.append(all.remove(at: index))
        }
        return all
    }

    /// A connection was made. What its server knows of the cluster is read at its end, before the next attempt.
    func note(_ connection: NatsConnection) {
        state.withLock { $0.last = connection.address }
        connection.whenEnded { [weak self, weak connection] _ in
            guard let self, let discovered = connection?.discovered else { return }
            state.withLock { $0.discovered = discovered }
        }
    }
}
