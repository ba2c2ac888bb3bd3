/// The dead letters of a bus, and who waits for them.
struct MemoryDeadLetterBox: Sendable {
    private struct Waiter: Sendable {
        var count: Int
        var continuation: CheckedContinuation<[MemoryDeadLetter], Never>
    }

    private(set) var kept: [MemoryDeadLetter] = []
    private var total = 0
    private let limit: Int
    private var waiters: [Int: Waiter] = [:]
    /// Given up before they had begun to wait.
    private var cancelled: Set<Int> = []
    private var lastWaiter = 0

    init(limit: Int) { self.limit = max(1, limit) }

    /// Keeps a letter; returns what to call outside the lock.
    mutating func add(_ letter: MemoryDeadLetter) -> [@Sendable () -> Void] {
        kept.append(letter)
        total += 1
        if kept.count > limit { kept.removeFirst() }
        let ready = waiters.filter { $0.value.count <= total }
        for id in ready.keys { waiters[id] = nil }
        return ready.values.map { [kept] waiter in { waiter.continuation.resume(returning: kept) } }
    }

    mutating func makeWaiterID() -> Int {
        lastWaiter += 1
        return lastWaiter
    }

    /// The letters when there are enough of them, or nobody waits any more.
    mutating func wait(
        _ id: Int, for count: Int, _ continuation: CheckedContinuation<[MemoryDeadLetter], Never>
    ) -> [MemoryDeadLetter]? {
        if cancelled.remove(id) != nil || total >= count { return kept }
        waiters[id] = Waiter(count: count, continuation: continuation)
        return nil
    }

    /// The waiting task was cancelled; returns what to call outside the lock.
    mutating func giveUp(_ id: Int) -> (@Sendable () -> Void)? {
        guard let waiter = waiters.removeValue(forKey: id) else {
            cancelled.insert(id)
            return nil
        }
        return { [kept] in waiter.continuation.resume(returning: kept) }
    }
}
