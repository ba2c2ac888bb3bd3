import Synchronization

/// The servers there are to connect to: those the options name, and what the cluster has said of itself.
final class NatsServers: Sendable {
    private struct State {
        /// Where it was connected last.
        var last: NatsAddress?
        /// It is still there.
        var isUp = false
        /// Servers of the cluster that no option names.
        var discovered: [NatsAddress] = []
    }

    private let named: [NatsAddress]
    private let state = Mutex(State())

    init(_ named: [NatsAddress]) { self.named = named }

    /// The named servers, then those the cluster has named. The one that was lost last comes last; one that is still
    /// there, when another connection is to take over, first.
    var addresses: [NatsAddress] {
        let (last, isUp, discovered) = state.withLock { ($0.last, $0.isUp, $0.discovered) }
        var all = named
        for address in discovered where !all.contains(where: { $0.isSamePlace(as: address) }) { all.append(address) }
        if let last, let index = all.firstIndex(where: { $0.isSamePlace(as: last) }) {
            let address = all.remove(at: index)
            all.insert(address, at: isUp ? 0 : all.count)
        }
        return all
    }

    /// A connection was made. What its server knows of the cluster is read at its end, before the next attempt.
    func note(_ connection: NatsConnection) {
        let address = connection.address
        state.withLock { state in
            state.last = address
            state.isUp = true
        }
        connection.whenEnded { [weak self, weak connection] _ in
            guard let self else { return }
            let discovered = connection?.discovered
            state.withLock { state in
                if let discovered { state.discovered = discovered }
                if state.last?.isSamePlace(as: address) ?? true { state.isUp = false }
            }
        }
    }
}
