/// Who waits for the replies to commands, in their order. Those that nobody waits for are only counted.
struct RedisWaiters: Sendable {
    private var waiters = Fifo<RedisExpected>()
    /// Replies at the head that nobody waits for.
    private var silent = 0
    /// Replies that are still to come.
    private(set) var count = 0

    @inline(__always)
    var isEmpty: Bool { count == 0 }

    /// Adds those of commands that have left.
    mutating func append(_ expected: [RedisExpected], commands: Int) {
        for waiter in expected { waiters.append(waiter) }
        count += commands
    }

    /// Whose reply the next one is; nil when none was asked for.
    @inline(__always)
    mutating func popFirst() -> RedisExpected? {
        guard count > 0 else { return nil }
        count -= 1
        if silent > 0 {
            silent -= 1
            return .nothing
        }
        guard let waiter = waiters.popFirst() else { return nil }
        guard case .silent(let number) = waiter else { return waiter }
        silent = number - 1
        return .nothing
    }

    /// How many bytes come at least before the first reply that somebody is in a hurry for, up to a limit.
    func idleBytes(upTo limit: Int) -> Int {
        var bytes = silent * RedisExpected.shortest
        waiters.look { waiter in
            guard bytes < limit, let more = waiter.idleBytes else { return false }
            bytes += more
            return true
        }
        return min(bytes, limit)
    }

    mutating func removeAll() -> [RedisExpected] {
        (count, silent) = (0, 0)
        return waiters.removeAll()
    }
}
