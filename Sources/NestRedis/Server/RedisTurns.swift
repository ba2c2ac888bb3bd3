import NIOCore

/// Events of a key in their order, whichever instances of a group they were dealt out to.
///
/// Each event with a key names the one before it in its slot (`nest-prev`). It has its turn when that one is done in the
/// group, or is here before it: then the lane of the slot keeps them in order. Whoever finishes one says so on a channel
/// of its own, so that nobody asks again and again.
///
/// Touched on the intake's loop only.
final class RedisTurns {
    private struct Waiting {
        let message: IncomingMessage
        let delivery: RedisDelivery
        let previous: RedisDelivery.ID
    }

    private static let remembered = 4_096

    private unowned let source: RedisStreamSource
    private var waiting: [RedisDelivery.ID: Waiting] = [:]
    /// Those that wait for an event, in their order.
    private var behind: [RedisDelivery.ID: [RedisDelivery.ID]] = [:]
    /// Events that are known to be done: the youngest of them.
    private var done: Set<RedisDelivery.ID> = []
    private var doneInOrder = Fifo<RedisDelivery.ID>()

    init(_ source: RedisStreamSource) { self.source = source }

    /// Those that wait for their turn.
    var ids: [RedisDelivery.ID] { Array(waiting.keys) }
    var count: Int { waiting.count }

    func contains(_ id: RedisDelivery.ID) -> Bool { waiting[id] != nil }

    /// An event with a key has come: takes it when it is its turn, and those behind it.
    func enter(_ message: IncomingMessage, _ delivery: RedisDelivery, after previous: RedisDelivery.ID?) {
        guard let previous, !done.contains(previous), source.intake.deliveries.open[previous] == nil else {
            source.intake.takeNow(message, delivery)
            return release(behind: delivery.id)
        }
        guard waiting[delivery.id] == nil else { return }
        waiting[delivery.id] = Waiting(message: message, delivery: delivery, previous: previous)
        behind[previous, default: []].append(delivery.id)
        if waiting[previous] == nil, behind[previous]?.count == 1 { ask(previous) }
    }

    /// Those behind it get their places in the lanes, and are handled after this.
    private func release(behind id: RedisDelivery.ID) {
        for next in behind.removeValue(forKey: id) ?? [] {
            guard let held = waiting.removeValue(forKey: next) else { continue }
            source.intake.take(held.message, held.delivery)
            release(behind: next)
        }
    }

    /// An event is done here.
    func finished(_ id: RedisDelivery.ID) {
        remember(id)
        if behind[id] != nil { release(behind: id) }
    }

    private func remember(_ id: RedisDelivery.ID) {
        guard done.insert(id).inserted else { return }
        doneInOrder.append(id)
        if doneInOrder.count > Self.remembered, let oldest = doneInOrder.popFirst() { done.remove(oldest) }
    }
}

// MARK: - What others do

extension RedisTurns {
    /// Whether an event is done: asked when its channel is heard, so that the answer cannot be missed.
    private func ask(_ id: RedisDelivery.ID) {
        guard let session = source.session else { return }
        session.listen(
            to: source.doneChannel(id),
            .reply { [weak source, weak session] result in
                guard let source, let session, source.session === session, case .success = result else { return }
                source.turns.look(at: id, over: session.commands)
            })
    }

    private func look(at id: RedisDelivery.ID, over commands: RedisConnection) {
        commands.send(
            ["XPENDING", source.key, source.group, id.text, id.text, "1"],
            .reply { [weak source] result in
                guard let source, case .success(let reply) = result, reply.error == nil else { return }
                if reply.elements.isEmpty { source.turns.heard(id) }
            })
    }

    /// An event is done in the group.
    func heard(_ id: RedisDelivery.ID) {
        remember(id)
        source.session?.subscriber?.send(["UNSUBSCRIBE", source.doneChannel(id)])
        guard behind[id] != nil else { return }
        release(behind: id)
        source.intake.takeAll()
    }

    /// Over a new connection.
    func askAgain() {
        for id in behind.keys where waiting[id] == nil { ask(id) }
    }

    /// A word may have been lost, or the one waited for was left by the dead.
    func lookAgain() {
        guard let commands = source.session?.commands else { return }
        for id in behind.keys where waiting[id] == nil { look(at: id, over: commands) }
    }

    /// Lets go of all of them.
    func removeAll() -> [(message: IncomingMessage, delivery: RedisDelivery)] {
        defer {
            waiting = [:]
            behind = [:]
        }
        return waiting.values.map { ($0.message, $0.delivery) }
    }
}
