package import NIOCore
import Synchronization

/// The life of a server with a listening socket: made, listening, running, ended, each once and in this order.
package final class ListenerLife<Listener: Sendable>: Sendable {
    private enum State {
        /// Not started; a failed start comes back here.
        case made
        case starting
        case listening(Listener)
        case running(Listener)
        case ended
    }

    /// What errors call the server.
    private let name: String
    private let state = Mutex(State.made)

    package init(_ name: String) { self.name = name }

    /// What listens; nil before and afterwards.
    package var listener: Listener? {
        state.withLock { state in
            switch state {
            case .listening(let listener), .running(let listener): listener
            case .made, .starting, .ended: nil
            }
        }
    }

    /// Listens, unless that was done already. May be called again after a throw.
    package func start(
        _ listen: () async throws(TransportError) -> Listener
    ) async throws(TransportError) {
        guard try beginStart() else { return }
        do throws(TransportError) {
            let listener = try await listen()
            state.withLock { $0 = .listening(listener) }
        } catch {
            state.withLock { $0 = .made }
            throw error
        }
    }

    /// The listener for the one run there is; throws at the second.
    package func claim() throws(ApplicationError) -> Listener {
        let claimed = state.withLock { state -> Listener? in
            guard case .listening(let listener) = state else { return nil }
            state = .running(listener)
            return listener
        }
        guard let claimed else { throw ApplicationError(.alreadyRunning, "the \(name) was run already") }
        return claimed
    }

    package func end() { state.withLock { $0 = .ended } }

    /// Returns at graceful shutdown or cancellation, or when the listening socket is lost. False in the last case: a
    /// service whose socket fails ends, and whoever supervises it must know.
    package func waitForEnd(of channel: any Channel) async -> Bool {
        let stop = channel.eventLoop.makePromise(of: Void.self)
        channel.closeFuture.cascade(to: stop)
        await ServerEnd.wait(for: stop)
        return channel.isActive
    }

    /// False when it listens already.
    private func beginStart() throws(TransportError) -> Bool {
        let isFree = state.withLock { state -> Bool? in
            switch state {
            case .made:
                state = .starting
                return true
            case .listening, .running: return false
            case .starting, .ended: return nil
            }
        }
        guard let isFree else { throw TransportError(.closed, "the \(name) is being started, or has ended") }
        return isFree
    }
}
