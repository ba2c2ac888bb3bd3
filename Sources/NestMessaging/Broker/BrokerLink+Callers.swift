public import NIOCore
import Synchronization

/// Who waits for the connection, and for how long.
extension BrokerLink {
    /// Connects, unless there is a connection; settles with the attempt.
    package func connect(until deadline: NIODeadline) async throws(TransportError) {
        let ticket = try callers.register(deadline: deadline)
        _ = try await callers.reply(to: ticket) { attempt(for: ticket.id) }
    }

    /// The connection for a request. Down after it was up, that is an error at once.
    @inlinable
    package func connectionNow(until deadline: NIODeadline) async throws(TransportError) -> Connection {
        if let connection { return connection }
        return try await firstConnection(until: deadline)
    }

    @usableFromInline
    package func firstConnection(until deadline: NIODeadline) async throws(TransportError) -> Connection {
        if let failure = state.withLock({ $0.kept.hasBeenUp || $0.kept.closed != nil ? $0.failure : nil }) {
            throw failure
        }
        try await connect(until: deadline)
        guard let connection else {
            throw TransportError(
                .disconnected, "the \(settings.broker) connection was lost as soon as it was made")
        }
        return connection
    }

    /// The connection for an event of so many bytes: waits for it until the deadline, through failures. Throws
    /// `overloaded` when too many bytes wait already.
    package func connectionEventually(
        until deadline: NIODeadline, bytes: Int
    ) async throws(TransportError) -> Connection {
        while true {
            if let connection { return connection }
            let ticket = try callers.register(deadline: deadline)
            defer { _ = state.withLock { $0.patient.removeValue(forKey: ticket.id) } }
            do throws(TransportError) {
                _ = try await callers.reply(to: ticket) { wait(ticket.id, bytes: bytes) }
            } catch {
                guard error.code == .timeout, let failure else { throw error }
                throw failure
            }
        }
    }

    private func wait(_ caller: UInt64, bytes: Int) {
        let limit = settings.maxBufferedBytes
        let reply = state.withLock { state -> PendingReplies.Reply? in
            if state.kept.connection != nil { return .success(.null) }
            if let error = state.kept.closed { return .failure(error) }
            guard state.patient.values.reduce(bytes, +) <= limit else {
                return .failure(
                    TransportError(.overloaded, "\(limit) bytes wait for a \(settings.broker) connection already"))
            }
            state.patient[caller] = bytes
            return nil
        }
        if let reply { callers.settle(caller, reply) } else if isIdle { attempt() }
    }
}
