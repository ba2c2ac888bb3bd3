/// Which messages of a channel the broker has not confirmed yet. They are numbered from 1, in the order they were sent.
struct ConfirmWindow {
    /// The callers' ids, by number; 0 for one that is settled, or that nobody asks after.
    private var ids: [UInt64] = []
    private var head = 0
    /// The number of the message at the head.
    private var first: UInt64 = 1

    /// Those that wait, and those behind the first that waits.
    var count: Int { ids.count - head }

    /// A message was sent for the caller of this id; 0 when nobody waits to hear of it.
    mutating func append(_ id: UInt64) { ids.append(id) }

    /// The broker speaks of a message, or of `all` up to it; 0 means all there are. Calls back with the ids of those that
    /// waited; one that was spoken of before is ignored. False for a number that was never sent.
    mutating func settle(_ number: UInt64, all: Bool, _ body: (UInt64) -> Void) -> Bool {
        let last = number == 0 ? first + UInt64(count) - 1 : number
        guard last >= first else { return true }
        guard last - first < UInt64(count) else { return false }
        let index = head + Int(last - first)
        for place in (all || number == 0 ? head : index)...index where ids[place] != 0 {
            body(ids[place])
            ids[place] = 0
        }
        advance()
        return true
    }

    /// The channel is gone: the ids of all that waited.
    mutating func removeAll() -> [UInt64] {
        defer { self = ConfirmWindow() }
        return ids[head...].filter { $0 != 0 }
    }

    private mutating func advance() {
        while head < ids.count, ids[head] == 0 {
            head += 1
            first += 1
        }
        if head == ids.count {
            ids.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1_024, head * 2 >= ids.count {
            ids.removeFirst(head)
            head = 0
        }
    }
}
