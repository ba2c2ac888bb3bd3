import NIOCore

/// What ``PendingReplies`` keeps behind its lock: a slot for each call, and when the timer must be set.
struct ReplySlots {
    typealias Reply = PendingReplies.Reply

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
        var repeats: Bool
        /// The last call had its reply and may pass its id on.
        var isAnswered = false
    }

    /// Whom a reply goes to, called outside the lock.
    enum Waiter {
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

    private static let slotBits: UInt64 = 20
    /// As many calls can wait at once.
    static let most = 1 << slotBits
    /// Deadlines are met this much late at the most, so that many of them share one sweep.
    private static let grain: UInt64 = 4_000_000

    private var slots: [Slot] = []
    private var firstFree = -1
    private(set) var count = 0
    /// When the timer will fire; `UInt64.max` when none is set.
    private var armed = UInt64.max
    /// What later calls fail with.
    var closed: TransportError?

    static func slot(of id: UInt64) -> Int { Int(truncatingIfNeeded: id & ((1 << slotBits) - 1)) }
}

// MARK: - One call

extension ReplySlots {
    /// A slot for a call; its id.
    mutating func register(deadline: UInt64, tag: UInt64, repeats: Bool) -> UInt64 {
        take(.registered, deadline: deadline, tag, repeats)
    }

    /// A slot for a stream; its id.
    mutating func register(_ source: ReplyStreamSource, tag: UInt64) -> UInt64 {
        take(.stream(source), deadline: Self.deadline(of: source), tag, false)
    }

    /// Puts the continuation in place, or returns what was settled before.
    mutating func attach(_ continuation: UnsafeContinuation<Reply, Never>, to id: UInt64) -> Reply? {
        guard let index = index(of: id) else {
            return .failure(TransportError(.cancelled, "the call was given up"))
        }
        if case .settled(let reply) = slots[index].entry {
            release(index, after: reply)
            return reply
        }
        slots[index].entry = .waiting(continuation)
        return nil
    }

    /// Whom the reply goes to; nil when nobody waits for it.
    mutating func settle(_ id: UInt64, _ reply: Reply) -> Waiter? {
        guard let index = index(of: id) else { return nil }
        switch slots[index].entry {
        case .waiting(let continuation):
            release(index, after: reply)
            return .call(continuation)
        case .stream(let source):
            release(index)
            return .stream(source)
        case .registered:
            keep(reply, at: index)
            return .early
        case .settled, .free: return nil
        }
    }

    mutating func forget(_ id: UInt64) {
        if let index = index(of: id) { release(index) }
    }

    func source(_ id: UInt64) -> ReplyStreamSource? {
        guard let index = index(of: id), case .stream(let source) = slots[index].entry else { return nil }
        return source
    }

    @inline(__always)
    private func index(of id: UInt64) -> Int? {
        let index = Self.slot(of: id)
        guard index < slots.count, slots[index].generation == id >> Self.slotBits else { return nil }
        if case .free = slots[index].entry { return nil }
        return index
    }

    private mutating func take(_ entry: Entry, deadline: UInt64, _ tag: UInt64, _ repeats: Bool) -> UInt64 {
        count += 1
        guard firstFree >= 0 else {
            // No call has the id 0: that is what malformed lines are answered with.
            let generation: UInt64 = slots.isEmpty ? 1 : 0
            slots.append(Slot(entry: entry, generation: generation, deadline: deadline, tag: tag, repeats: repeats))
            return generation << Self.slotBits | UInt64(slots.count - 1)
        }
        let index = firstFree
        if case .free(let next) = slots[index].entry { firstFree = next }
        slots[index].entry = entry
        slots[index].deadline = deadline
        slots[index].tag = tag
        slots[index].repeats = repeats
        if !repeats || !slots[index].isAnswered { slots[index].generation &+= 1 }
        return slots[index].generation << Self.slotBits | UInt64(index)
    }

    private mutating func release(_ index: Int, after reply: Reply? = nil) {
        slots[index].entry = .free(next: firstFree)
        slots[index].isAnswered = false
        if case .success = reply { slots[index].isAnswered = slots[index].repeats }
        slots[index].deadline = .max
        firstFree = index
        count -= 1
    }

    /// Stores a reply for the wait to come. Its deadline is met, whoever comes late: it must not set the timer again.
    private mutating func keep(_ reply: Reply, at index: Int) {
        slots[index].entry = .settled(reply)
        slots[index].deadline = .max
    }
}

// MARK: - Many calls

extension ReplySlots {
    /// The ids of the streams that are read.
    var streams: [UInt64] {
        slots.indices.compactMap { index in
            guard case .stream = slots[index].entry else { return nil }
            return slots[index].generation << Self.slotBits | UInt64(index)
        }
    }

    /// Takes out everybody; one that does not wait yet finds the error when it does. No id is passed on.
    mutating func failAll(_ error: TransportError) -> [Waiter] {
        for index in slots.indices { slots[index].isAnswered = false }
        return takeAll(error) { _ in true }
    }

    /// The same for those of a tag.
    mutating func failAll(tagged tag: UInt64, _ error: TransportError) -> [Waiter] {
        takeAll(error) { $0.tag == tag }
    }

    /// When the last one with a tag is settled at the latest; nil when none waits, or one has no deadline.
    func lastDeadline(tagged tag: UInt64) -> NIODeadline? {
        let all = slots.filter { slot in
            if case .free = slot.entry { return false }
            return slot.tag == tag
        }
        return all.map(Self.deadline).max().flatMap { $0 == .max ? nil : .uptimeNanoseconds($0) }
    }

    private mutating func takeAll(_ error: TransportError, where matches: (Slot) -> Bool) -> [Waiter] {
        var waiters: [Waiter] = []
        for index in slots.indices where matches(slots[index]) {
            switch slots[index].entry {
            case .free, .settled: continue
            case .registered: keep(.failure(error), at: index)
            case .waiting(let continuation):
                waiters.append(.call(continuation))
                release(index)
            case .stream(let source):
                waiters.append(.stream(source))
                release(index)
            }
        }
        return waiters
    }
}

// MARK: - Deadlines

extension ReplySlots {
    /// When the timer must be set because of a new deadline; nil when the one that is set comes soon enough.
    @inline(__always)
    mutating func timer(for deadline: UInt64) -> UInt64? {
        guard deadline < armed else { return nil }
        let rounded = deadline > .max - Self.grain ? deadline : (deadline / Self.grain + 1) * Self.grain
        guard rounded < armed else { return nil }
        armed = rounded
        return rounded
    }

    /// The same for a reader of a stream that has begun to wait.
    mutating func timerOfWait(_ id: UInt64) -> UInt64? {
        guard let index = index(of: id) else { return nil }
        slots[index].deadline = Self.deadline(of: slots[index])
        return timer(for: slots[index].deadline)
    }

    /// Takes out what has expired, and tells when the timer must be set for what is left.
    mutating func sweep(at now: UInt64, _ error: TransportError) -> (waiters: [Waiter], timer: UInt64?) {
        guard armed <= now else { return ([], nil) }
        armed = .max
        for index in slots.indices where slots[index].deadline <= now {
            slots[index].deadline = Self.deadline(of: slots[index])
        }
        let waiters = takeAll(error) { $0.deadline <= now }
        let next = slots.reduce(UInt64.max) { min($0, $1.deadline) }
        return (waiters, next == .max ? nil : timer(for: next))
    }

    /// What a reader waits for may have come, or it waits for another item: its source knows.
    private static func deadline(of slot: Slot) -> UInt64 {
        if case .stream(let source) = slot.entry { deadline(of: source) } else { slot.deadline }
    }

    static func deadline(of source: ReplyStreamSource) -> UInt64 {
        let due = source.due
        return due == .distantFuture ? .max : due.uptimeNanoseconds
    }
}
