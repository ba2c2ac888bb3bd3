import NIOCore
import Synchronization

/// The kept connections of one client, and the table of its calls.
final class ConnectionPool: Sendable {
    /// Calls that follow each other on one connection: they leave in one write when they come at the same time.
    private static let callsInARow = 16

    /// Calls that wait: for a connection, or for their answer.
    let calls: PendingReplies
    /// Calls that wait for a connection they can be moved to, by their numbers.
    private let moved = Mutex<[UInt64: ClientCall]>([:])
    private let turn = Atomic(0)
    private let connector: ClientConnector
    private let loops: [any EventLoop]
    /// Made at the first use, because they know the pool.
    private let made = Mutex<[ConnectionSlot]?>(nil)

    init(options: GRPCOptions, tls: TLSContextSource?, environment: TransportEnvironment) {
        loops = Self.loops(of: environment.eventLoopGroup)
        calls = PendingReplies(eventLoop: loops[0], limit: options.maxPending)
        connector = ClientConnector(options: options, tls: tls, calls: calls, logger: environment.logger)
    }

    /// A quarter of the loops, at least one: the callers' own work is more than what a loop does for them, and calls that
    /// share a loop leave in fewer writes.
    private static func loops(of group: any EventLoopGroup) -> [any EventLoop] {
        let count = group.makeIterator().reduce(0) { count, _ in count + 1 }
        return (0..<max(1, count / 4)).map { _ in group.next() }
    }

    private var slots: [ConnectionSlot] {
        made.withLock { made in
            if let made { return made }
            let slots = (0..<connector.options.connections).map { number in
                ConnectionSlot(connector: connector, loop: loops[number % loops.count], pool: self)
            }
            made = slots
            return slots
        }
    }

    var connected: Int { slots.count { $0.connection != nil } }
    var size: Int { connector.options.connections }
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
        for end in abandon(error) { try? await end.get() }
    }

    /// Ends all connections, without waiting for it.
    @discardableResult
    func abandon(_ error: TransportError) -> [EventLoopFuture<Void>] {
        calls.failAll(error, closing: true)
        moved.withLock { $0 = [:] }
        return slots.flatMap { $0.close(error) }
    }

    private func next() -> ClientConnection? {
        let slots = slots
        let first = turn.wrappingAdd(1, ordering: .relaxed).oldValue / Self.callsInARow
        for offset in slots.indices {
            let index = Int(truncatingIfNeeded: UInt(bitPattern: first &+ offset) % UInt(slots.count))
            if let connection = slots[index].connection {
                if offset > 0 { warmUp() }
                return connection
            }
        }
        return nil
    }

    private var slotInTurn: ConnectionSlot {
        let slots = slots
        let turn = turn.load(ordering: .relaxed) / Self.callsInARow
        return slots[Int(truncatingIfNeeded: UInt(bitPattern: turn) % UInt(slots.count))]
    }

    private func connect(until deadline: NIODeadline) async throws(TransportError) -> ClientConnection {
        let slot = slotInTurn
        let ticket = try calls.register(deadline: deadline)
        do throws(TransportError) {
            _ = try await calls.reply(to: ticket) { slot.connect(for: ticket.id) }
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

// MARK: - Calls that change their connection

extension ConnectionPool {
    /// Gives a call that was certainly not begun to another connection, or to the next one that is made.
    func move(_ call: ClientCall, from connection: ClientConnection, _ error: TransportError) {
        guard call.attempt < ClientCall.attempts else { return _ = calls.settle(call.id, .failure(error)) }
        var call = call
        call.attempt += 1
        if let other = next(), other !== connection { return other.start(call) }
        moved.withLock { $0[call.id] = call }
        slotInTurn.connect(for: call.id)
    }

    /// An attempt to connect has come to something, for a caller or for a call that was moved.
    func settle(_ id: UInt64, _ reply: PendingReplies.Reply) {
        guard let call = moved.withLock({ $0.removeValue(forKey: id) }) else { return _ = calls.settle(id, reply) }
        if case .success = reply, let connection = next() { return connection.start(call) }
        if case .failure = reply { return _ = calls.settle(id, reply) }
        calls.settle(id, .failure(TransportError(.disconnected, "the connection was lost as soon as it was made")))
    }

    /// The reader of a stream is ready for more; the call was given to `connection` first.
    func grant(_ items: Int, _ id: UInt64, _ connection: ClientConnection) {
        everywhere(.grant(id, items), connection)
    }

    /// Nobody waits for a call any more; it was given to `connection` first.
    func cancel(_ id: UInt64, _ connection: ClientConnection) {
        moved.withLock { $0[id] = nil }
        everywhere(.cancel(id), connection)
    }

    /// Those that do not have the call take no notice.
    private func everywhere(_ command: OutgoingCalls.Command, _ first: ClientConnection) {
        first.tell(command)
        for other in slots.flatMap(\.connections) where other !== first { other.tell(command) }
    }
}
