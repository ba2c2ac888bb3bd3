import NIOCore
import Synchronization

/// The kept connections of one client.
final class ConnectionPool: Sendable {
    /// Calls that follow each other on one connection: they leave in one write when they come at the same time.
    private static let callsInARow = 16

    private let slots: [ConnectionSlot]
    /// Callers that wait for a connection.
    private let callers: PendingReplies
    private let turn = Atomic(0)

    init(connector: ClientConnector, group: any EventLoopGroup) {
        let loops = Self.loops(of: group)
        let callers = PendingReplies(eventLoop: loops[0], limit: connector.options.maxPending)
        self.callers = callers
        slots = (0..<connector.options.connections).map { number in
            ConnectionSlot(connector: connector, loop: loops[number % loops.count], callers: callers)
        }
    }

    /// A quarter of the loops, at least one: the callers' own work is three times what a loop does for them, and calls
    /// that share a loop leave in fewer writes.
    private static func loops(of group: any EventLoopGroup) -> [any EventLoop] {
        let count = group.makeIterator().reduce(0) { count, _ in count + 1 }
        return (0..<max(1, count / 4)).map { _ in group.next() }
    }

    /// Calls that wait: for a connection, or for a reply on one.
    var pendingCount: Int { callers.count + slots.reduce(0) { $0 + ($1.connection?.pending.count ?? 0) } }

    var connected: Int { slots.count { $0.connection != nil } }
    var size: Int { slots.count }
    var isUnused: Bool { slots.allSatisfy(\.isIdle) }

    /// A connection to send on: the next in turn, or any that is up, or else the outcome of one attempt.
    @inline(__always)
    func connection(until deadline: NIODeadline) async throws(TransportError) -> ClientConnection {
        if let connection = next() { return connection }
        return try await connect(until: deadline)
    }

    /// Starts every slot that has not been used yet.
    func warmUp() {
        for slot in slots where slot.isIdle { slot.connect() }
    }

    /// Ends all connections; returns when they are gone.
    func close(_ error: TransportError) async {
        callers.failAll(error, closing: true)
        for end in slots.map({ $0.close(error) }) { try? await end.get() }
    }

    /// Ends all connections, without waiting for it.
    func abandon(_ error: TransportError) {
        callers.failAll(error, closing: true)
        for slot in slots { _ = slot.close(error) }
    }

    private func next() -> ClientConnection? {
        let first = turn.wrappingAdd(1, ordering: .relaxed).oldValue / Self.callsInARow
        for offset in slots.indices {
            let slot = slot(first &+ offset)
            if let connection = slot.connection {
                if offset > 0 { warmUp() }
                return connection
            }
        }
        return nil
    }

    private func slot(_ number: Int) -> ConnectionSlot {
        slots[Int(truncatingIfNeeded: UInt(bitPattern: number) % UInt(slots.count))]
    }

    private func connect(until deadline: NIODeadline) async throws(TransportError) -> ClientConnection {
        let slot = slot(turn.load(ordering: .relaxed) / Self.callsInARow)
        let ticket = try callers.register(deadline: deadline)
        do throws(TransportError) {
            _ = try await callers.reply(to: ticket) { slot.connect(for: ticket.id) }
        } catch {
            guard error.code == .disconnected, let other = next() else { throw error }
            return other
        }
        guard let connection = slot.connection ?? next() else {
            throw TransportError(.disconnected, "the connection was lost as soon as it was made")
        }
        return connection
    }
}
