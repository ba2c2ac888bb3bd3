import Synchronization

/// The connections of one server.
final class HTTPConnections: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: HTTPConnection] = [:]
        var isDraining = false
        var whenEmpty: [Latch] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.connections.count } }

    /// Notes a connection; one that comes while the server shuts down is drained at once.
    func add(_ connection: HTTPConnection) {
        let isDraining = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = connection
            return state.isDraining
        }
        if isDraining { connection.drain() }
    }

    /// Forgets a connection whose task has ended.
    func remove(_ connection: HTTPConnection) {
        let latches = state.withLock { state -> [Latch] in
            state.connections[ObjectIdentifier(connection)] = nil
            guard state.connections.isEmpty else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for latch in latches { latch.open() }
    }

    /// Opens when no connection is left.
    func whenEmpty() -> Latch {
        let latch = Latch()
        let isEmpty = state.withLock { state in
            if !state.connections.isEmpty { state.whenEmpty.append(latch) }
            return state.connections.isEmpty
        }
        if isEmpty { latch.open() }
        return latch
    }

    /// From now on connections end as soon as what they have taken is answered.
    func drain() {
        state.withLock { $0.isDraining = true }
        for connection in all { connection.drain() }
    }

    /// Cancels every running handler.
    func cancelHandlers() { for connection in all { connection.cancel() } }

    /// Closes every connection as it is. Its handlers are cancelled too: what they say reaches nobody.
    func closeAll() {
        for connection in all {
            connection.close()
            connection.cancel()
        }
    }

    private var all: [HTTPConnection] { state.withLock { Array($0.connections.values) } }
}
