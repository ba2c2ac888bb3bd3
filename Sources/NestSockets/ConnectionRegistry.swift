package import NIOCore
import Synchronization

/// The connections of one server.
package final class ConnectionRegistry<Connection: ServedConnection>: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var admitted = 0
        var isDraining = false
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    private let state = Mutex(State())
    private let limit: Int

    package init(limit: Int) { self.limit = limit }

    /// Sockets that are open, refused ones aside.
    package var count: Int { state.withLock { $0.admitted } }

    /// Takes a place for a connection; false when there is none. ``leave(_:)`` gives it back.
    package func admit() -> Bool {
        state.withLock { state in
            guard state.admitted < limit else { return false }
            state.admitted += 1
            return true
        }
    }

    /// Notes an admitted connection; false when the server is shutting down and it should end.
    package func add(_ connection: Connection) -> Bool {
        state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = connection
            return !state.isDraining
        }
    }

    /// Forgets an admitted connection.
    package func leave(_ connection: Connection) { forget(ObjectIdentifier(connection)) }

    /// An admitted connection was not made.
    package func giveBack() { forget(nil) }

    private func forget(_ connection: ObjectIdentifier?) {
        let promises = state.withLock { state -> [EventLoopPromise<Void>] in
            if let connection { state.connections[connection] = nil }
            state.admitted -= 1
            guard state.admitted == 0 else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for promise in promises { promise.succeed() }
    }

    /// Succeeds when no connection is left.
    package func whenEmpty(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state -> Bool in
            guard state.admitted > 0 else { return true }
            state.whenEmpty.append(promise)
            return false
        }
        if isEmpty { promise.succeed() }
        return promise.futureResult
    }

    /// From now on connections end as soon as what they have taken is answered.
    package func drain() { forEach(draining: true) { $0.drain() } }

    /// Cancels every running handler.
    package func cancelHandlers() { forEach(draining: true) { $0.cancelHandlers() } }

    /// Closes every connection as it is. Its handlers are cancelled after that: what they say to it reaches nobody.
    package func closeAll() {
        forEach(draining: true) { connection in
            connection.close()
            connection.cancelHandlers()
        }
    }

    private func forEach(draining: Bool, _ body: @escaping @Sendable (Connection) -> Void) {
        let connections = state.withLock { state in
            state.isDraining = draining
            return Array(state.connections.values)
        }
        for connection in connections { connection.loop.execute { body(connection) } }
    }
}
