package import NIOCore
import Synchronization

/// The one correlation table: who waits for which reply, on every transport.
///
/// The order is register, publish, wait. A reply, a deadline, a lost connection or a cancellation settles an entry, the
/// first of them and no other; a cancellation that comes before the wait is not lost. Ids name a slot and its
/// generation, so a late reply to a settled call finds nobody; only a call that asks for it has the id of one that had
/// its reply. One timer serves all deadlines.
package final class PendingReplies: Sendable {
    /// A registered call.
    package struct Ticket: Sendable, Hashable {
        /// The id to put on the wire.
        package let id: UInt64
    }

    package typealias Reply = Result<Payload, TransportError>

    private let state = Mutex(ReplySlots())
    private let eventLoop: any EventLoop
    private let limit: Int

    /// `limit` bounds the calls that wait at once; the timer runs on `eventLoop`.
    package init(eventLoop: any EventLoop, limit: Int) {
        self.eventLoop = eventLoop
        self.limit = min(limit, ReplySlots.most)
    }

    /// The slot that an id names; there are no more slots than calls wait at once.
    package static func slot(of id: UInt64) -> Int { ReplySlots.slot(of: id) }

    /// How many calls wait.
    package var count: Int { state.withLock { $0.count } }

    /// Takes a slot. Throws `overloaded` at the limit, and what ``failAll(_:closing:)`` said after closing.
    ///
    /// With `repeats`, its id may be that of another such call, which has had its reply; one that ended otherwise passes
    /// its id on to nobody. For a peer to whom each id that is new costs something, and of whom a second reply to the same
    /// call is known when it comes.
    package func register(
        deadline: NIODeadline, tag: UInt64 = 0, repeats: Bool = false
    ) throws(TransportError) -> Ticket {
        let deadline = deadline.uptimeNanoseconds
        return try insert(deadline: deadline) { $0.register(deadline: deadline, tag: tag, repeats: repeats) }
    }

    /// Takes a slot for a stream. It has a deadline while its reader waits, and never later than its own.
    package func register(_ source: ReplyStreamSource, tag: UInt64 = 0) throws(TransportError) -> Ticket {
        let ticket = try insert(deadline: ReplySlots.deadline(of: source)) { $0.register(source, tag: tag) }
        source.whenItWaits { [weak self] in self?.noteWait(ticket.id) }
        return ticket
    }

    @inline(__always)
    private func insert(
        deadline: UInt64, _ register: (inout ReplySlots) -> UInt64
    ) throws(TransportError) -> Ticket {
        let (result, timer) = state.withLock { state -> (Result<Ticket, TransportError>, UInt64?) in
            if let closed = state.closed { return (.failure(closed), nil) }
            guard state.count < limit else {
                return (.failure(TransportError(.overloaded, "\(limit) calls wait already")), nil)
            }
            return (.success(Ticket(id: register(&state))), state.timer(for: deadline))
        }
        if let timer { schedule(timer) }
        return try result.get()
    }

    /// Waits for the reply. `publish` sends a request that was not sent before; it runs after the wait is in place.
    package func reply(to ticket: Ticket, publish: () -> Void = {}) async throws(TransportError) -> Payload {
        let reply = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if let early = state.withLock({ $0.attach(continuation, to: ticket.id) }) {
                    continuation.resume(returning: early)
                } else {
                    publish()
                }
            }
        } onCancel: {
            settle(ticket.id, .failure(.callerCancelled))
        }
        return try reply.get()
    }

    /// Gives a reply to whoever waits for it; false when nobody does.
    @discardableResult
    package func settle(_ id: UInt64, _ reply: Reply) -> Bool {
        let waiter = state.withLock { $0.settle(id, reply) }
        waiter?.settle(reply)
        return waiter != nil
    }

    /// Hands on what a peer answered; a stream's items leave its entry in place.
    @discardableResult
    package func receive(_ content: InboundResponse.Content, id: UInt64) -> Bool {
        switch content {
        case .failure(let error): return settle(id, .failure(error))
        case .success(let payload, hasPayload: true): return settle(id, .success(payload))
        case .success(let payload, hasPayload: false):
            guard let source = source(id) else { return settle(id, .success(payload)) }
            forget(Ticket(id: id))
            source.finish(nil)
            return true
        case .item(let payload):
            return source(id)?.yield(payload) ?? false
        }
    }

    private func source(_ id: UInt64) -> ReplyStreamSource? { state.withLock { $0.source(id) } }

    /// Gives up an entry without telling anybody.
    package func forget(_ ticket: Ticket) { state.withLock { $0.forget(ticket.id) } }

    /// The ids of the streams that are read.
    package var streams: [UInt64] { state.withLock { $0.streams } }

    /// Fails every call that waits. With `closing`, later registrations fail with the same error.
    package func failAll(_ error: TransportError, closing: Bool = false) {
        let waiters = state.withLock { state in
            if closing { state.closed = error }
            return state.failAll(error)
        }
        for waiter in waiters { waiter.settle(.failure(error)) }
    }

    /// Fails the calls that were registered with a tag.
    package func failAll(tagged tag: UInt64, _ error: TransportError) {
        let waiters = state.withLock { $0.failAll(tagged: tag, error) }
        for waiter in waiters { waiter.settle(.failure(error)) }
    }

    /// When the last of the calls with a tag is settled at the latest; nil when none waits, or one has no deadline.
    package func lastDeadline(tagged tag: UInt64) -> NIODeadline? { state.withLock { $0.lastDeadline(tagged: tag) } }
}

// MARK: - Deadlines

extension PendingReplies {
    /// The reader of a stream has begun to wait.
    func noteWait(_ id: UInt64) {
        if let timer = state.withLock({ $0.timerOfWait(id) }) { schedule(timer) }
    }

    private func schedule(_ uptime: UInt64) {
        let deadline = NIODeadline.uptimeNanoseconds(min(uptime, UInt64(Int64.max)))
        // Nobody cancels it: a loop that has shut down refuses the timer, and its transport fails what waits by itself.
        _ = eventLoop.scheduleTask(deadline: deadline) { [weak self] in self?.sweep() }
    }

    /// Settles what has expired and sets the timer for what is left.
    private func sweep() {
        let now = NIODeadline.now().uptimeNanoseconds
        let error = TransportError(.timeout, "no reply came in time")
        let (waiters, timer) = state.withLock { $0.sweep(at: now, error) }
        for waiter in waiters { waiter.expire(error) }
        if let timer { schedule(timer) }
    }
}
