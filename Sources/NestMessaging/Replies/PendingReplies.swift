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

    private enum Entry {
        /// Unused; the next unused slot, or -1.
        case free(next: Int)
        /// Registered; nobody waits yet.
        case registered
        /// Settled before anybody waited.
        case settled(Reply)
        case waiting(UnsafeContinuation<Reply, Never>)
        case stream(ReplyStreamSource)
    }

    private struct Slot {
        var entry: Entry
        var generation: UInt64
        /// Uptime nanoseconds; `UInt64.max` when there is none.
        var deadline: UInt64
        /// What the call has in common with others that can only fail together with it.
        var tag: UInt64
        /// The call may have the id of one before it.
        var repeats = false
        /// The last call had its reply and may pass its id on.
        var isAnswered = false
    }

    private struct State {
        var slots: [Slot] = []
        var firstFree = -1
        var count = 0
        /// When the timer will fire; `UInt64.max` when none is set.
        var armed = UInt64.max
        var closed: TransportError?
    }

    private static let slotBits: UInt64 = 20
    /// Deadlines are met this much late at the most, so that many of them share one sweep.
    private static let grain: UInt64 = 4_000_000

    private let state = Mutex(State())
    private let eventLoop: any EventLoop
    private let limit: Int

    /// `limit` bounds the calls that wait at once; the timer runs on `eventLoop`.
    package init(eventLoop: any EventLoop, limit: Int) {
        self.eventLoop = eventLoop
        self.limit = min(limit, 1 << Self.slotBits)
    }

    /// The slot that an id names; there are no more slots than calls wait at once.
    package static func slot(of id: UInt64) -> Int { Int(truncatingIfNeeded: id & ((1 << slotBits) - 1)) }

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
        try insert(.registered, deadline: deadline.uptimeNanoseconds, tag, repeats: repeats)
    }

    /// Takes a slot for a stream. It has a deadline while its reader waits, and never later than its own.
    package func register(_ source: ReplyStreamSource, tag: UInt64 = 0) throws(TransportError) -> Ticket {
        let ticket = try insert(.stream(source), deadline: Self.deadline(of: source), tag)
        source.whenItWaits { [weak self] in self?.noteWait(ticket.id) }
        return ticket
    }

    /// Waits for the reply. `publish` sends a request that was not sent before; it runs after the wait is in place.
    package func reply(to ticket: Ticket, publish: () -> Void = {}) async throws(TransportError) -> Payload {
        let reply = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if let early = attach(continuation, to: ticket) {
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
        let waiter = state.withLock { state -> Waiter? in
            guard let index = Self.index(of: id, in: state.slots) else { return nil }
            switch state.slots[index].entry {
            case .waiting(let continuation):
                Self.release(index, in: &state, after: reply)
                return .call(continuation)
            case .stream(let source):
                Self.release(index, in: &state)
                return .stream(source)
            case .registered:
                Self.keep(reply, at: index, in: &state)
                return .early
            case .settled, .free: return nil
            }
        }
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

    /// Gives up an entry without telling anybody.
    package func forget(_ ticket: Ticket) {
        state.withLock { state in
            if let index = Self.index(of: ticket.id, in: state.slots) { Self.release(index, in: &state) }
        }
    }

    /// The ids of the streams that are read.
    package var streams: [UInt64] {
        state.withLock { state in
            state.slots.indices.compactMap { index in
                guard case .stream = state.slots[index].entry else { return nil }
                return state.slots[index].generation << Self.slotBits | UInt64(index)
            }
        }
    }

    /// Fails every call that waits. With `closing`, later registrations fail with the same error.
    package func failAll(_ error: TransportError, closing: Bool = false) {
        let waiters = state.withLock { state -> [Waiter] in
            if closing { state.closed = error }
            for index in state.slots.indices { state.slots[index].isAnswered = false }
            return Self.takeAll(in: &state) { _ in
                true
            } with: {
                .failure(error)
            }
        }
        for waiter in waiters { waiter.settle(.failure(error)) }
    }

    /// When the last of the calls with a tag is settled at the latest; nil when none waits, or one has no deadline.
    package func lastDeadline(tagged tag: UInt64) -> NIODeadline? {
        state.withLock { state in
            let all = state.slots.filter { slot in
                if case .free = slot.entry { return false }
                return slot.tag == tag
            }
            return all.map(Self.deadline).max().flatMap { $0 == .max ? nil : .uptimeNanoseconds($0) }
        }
    }

    /// Fails the calls that were registered with a tag.
    package func failAll(tagged tag: UInt64, _ error: TransportError) {
        let waiters = state.withLock { state in
            Self.takeAll(in: &state) {
                $0.tag == tag
            } with: {
                .failure(error)
            }
        }
        for waiter in waiters { waiter.settle(.failure(error)) }
    }
}

extension PendingReplies {
    /// Whom a reply goes to, called outside the lock.
    private enum Waiter {
        case call(UnsafeContinuation<Reply, Never>)
        case stream(ReplyStreamSource)
        /// The reply is stored; the wait that is about to begin will find it.
        case early

        func settle(_ reply: Reply) {
            switch self {
            case .call(let continuation): continuation.resume(returning: reply)
            case .stream(let source): source.finish(reply)
            case .early: break
            }
        }

        /// Nothing came in time. The sender of a stream is told that nobody reads it any more.
        func expire(_ error: TransportError) {
            if case .stream(let source) = self { source.cancel(error) } else { settle(.failure(error)) }
        }
    }

    private func insert(
        _ entry: Entry, deadline: UInt64, _ tag: UInt64, repeats: Bool = false
    ) throws(TransportError) -> Ticket {
        let (result, arm) = state.withLock { state -> (Result<Ticket, TransportError>, UInt64?) in
            if let closed = state.closed { return (.failure(closed), nil) }
            guard state.count < limit else {
                return (.failure(TransportError(.overloaded, "\(limit) calls wait already")), nil)
            }
            let ticket = Self.take(entry, deadline: deadline, tag, repeats, in: &state)
            return (.success(ticket), Self.timer(for: deadline, in: &state))
        }
        if let arm { schedule(arm) }
        return try result.get()
    }

    /// Puts the continuation in place, or returns what was settled before.
    private func attach(_ continuation: UnsafeContinuation<Reply, Never>, to ticket: Ticket) -> Reply? {
        state.withLock { state in
            guard let index = Self.index(of: ticket.id, in: state.slots) else {
                return .failure(TransportError(.cancelled, "the call was given up"))
            }
            if case .settled(let reply) = state.slots[index].entry {
                Self.release(index, in: &state, after: reply)
                return reply
            }
            state.slots[index].entry = .waiting(continuation)
            return nil
        }
    }

    private func source(_ id: UInt64) -> ReplyStreamSource? {
        state.withLock { state in
            guard let index = Self.index(of: id, in: state.slots) else { return nil }
            if case .stream(let source) = state.slots[index].entry { return source }
            return nil
        }
    }
}

// MARK: - Slots

extension PendingReplies {
    @inline(__always)
    private static func index(of id: UInt64, in slots: [Slot]) -> Int? {
        let index = slot(of: id)
        guard index < slots.count, slots[index].generation == id >> slotBits else { return nil }
        if case .free = slots[index].entry { return nil }
        return index
    }

    private static func take(
        _ entry: Entry, deadline: UInt64, _ tag: UInt64, _ repeats: Bool, in state: inout State
    ) -> Ticket {
        state.count += 1
        guard state.firstFree >= 0 else {
            // No call has the id 0: that is what malformed lines are answered with.
            let generation: UInt64 = state.slots.isEmpty ? 1 : 0
            state.slots.append(
                Slot(entry: entry, generation: generation, deadline: deadline, tag: tag, repeats: repeats))
            return Ticket(id: generation << slotBits | UInt64(state.slots.count - 1))
        }
        let index = state.firstFree
        if case .free(let next) = state.slots[index].entry { state.firstFree = next }
        state.slots[index].entry = entry
        state.slots[index].deadline = deadline
        state.slots[index].tag = tag
        state.slots[index].repeats = repeats
        if !repeats || !state.slots[index].isAnswered { state.slots[index].generation &+= 1 }
        return Ticket(id: state.slots[index].generation << slotBits | UInt64(index))
    }

    private static func release(_ index: Int, in state: inout State, after reply: Reply? = nil) {
        state.slots[index].entry = .free(next: state.firstFree)
        if case .success = reply {
            state.slots[index].isAnswered = state.slots[index].repeats
        } else {
            state.slots[index].isAnswered = false
        }
        state.slots[index].deadline = .max
        state.firstFree = index
        state.count -= 1
    }

    /// Stores a reply for the wait to come. Its deadline is met, whoever comes late: it must not set the timer again.
    private static func keep(_ reply: Reply, at index: Int, in state: inout State) {
        state.slots[index].entry = .settled(reply)
        state.slots[index].deadline = .max
    }

    /// Takes out every entry that `matches`; one that nobody waits on yet keeps the reply for the wait to come.
    private static func takeAll(
        in state: inout State, where matches: (Slot) -> Bool, with reply: () -> Reply
    ) -> [Waiter] {
        var waiters: [Waiter] = []
        for index in state.slots.indices where matches(state.slots[index]) {
            switch state.slots[index].entry {
            case .free, .settled: continue
            case .registered: keep(reply(), at: index, in: &state)
            case .waiting(let continuation):
                waiters.append(.call(continuation))
                release(index, in: &state)
            case .stream(let source):
                waiters.append(.stream(source))
                release(index, in: &state)
            }
        }
        return waiters
    }
}

// MARK: - Deadlines

extension PendingReplies {
    /// When the timer must be set because of a new deadline; nil when the one that is set comes soon enough.
    @inline(__always)
    private static func timer(for deadline: UInt64, in state: inout State) -> UInt64? {
        guard deadline < state.armed else { return nil }
        let rounded = deadline > .max - grain ? deadline : (deadline / grain + 1) * grain
        guard rounded < state.armed else { return nil }
        state.armed = rounded
        return rounded
    }

    /// What a reader waits for may have come, or it waits for another item: its source knows.
    private static func deadline(of slot: Slot) -> UInt64 {
        if case .stream(let source) = slot.entry { deadline(of: source) } else { slot.deadline }
    }

    private static func deadline(of source: ReplyStreamSource) -> UInt64 {
        let due = source.due
        return due == .distantFuture ? .max : due.uptimeNanoseconds
    }

    /// The reader of a stream has begun to wait.
    func noteWait(_ id: UInt64) {
        let arm = state.withLock { state -> UInt64? in
            guard let index = Self.index(of: id, in: state.slots) else { return nil }
            state.slots[index].deadline = Self.deadline(of: state.slots[index])
            return Self.timer(for: state.slots[index].deadline, in: &state)
        }
        if let arm { schedule(arm) }
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
        let (waiters, arm) = state.withLock { state -> ([Waiter], UInt64?) in
            guard state.armed <= now else { return ([], nil) }
            state.armed = .max
            for index in state.slots.indices where state.slots[index].deadline <= now {
                state.slots[index].deadline = Self.deadline(of: state.slots[index])
            }
            let waiters = Self.takeAll(in: &state) {
                $0.deadline <= now
            } with: {
                .failure(error)
            }
            let next = state.slots.reduce(UInt64.max) { min($0, $1.deadline) }
            return (waiters, next == .max ? nil : Self.timer(for: next, in: &state))
        }
        for waiter in waiters { waiter.expire(error) }
        if let arm { schedule(arm) }
    }
}
