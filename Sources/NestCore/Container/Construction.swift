import Synchronization

/// One object being made, and for whom.
final class Construction: Sendable {
    let record: ProviderRecord
    let parent: Construction?
    private let isOver = Atomic(false)

    init(_ record: ProviderRecord, for parent: Construction?) {
        self.record = record
        self.parent = parent
    }

    var isFinished: Bool { isOver.load(ordering: .acquiring) }

    func finish() { isOver.store(true, ordering: .releasing) }

    /// Whether it is made for the sake of another, directly or through others.
    func serves(_ other: Construction) -> Bool {
        var link: Construction? = self
        while let current = link {
            if current === other { return true }
            link = current.parent
        }
        return false
    }

    /// The way from an unfinished construction of the record down to here; nil when there is none.
    func path(from record: ProviderRecord) -> [String]? {
        var labels: [String] = []
        var link: Construction? = self
        while let current = link, !current.isFinished {
            labels.append(current.record.label)
            if current.record.id == record.id { return labels.reversed() }
            link = current.parent
        }
        return nil
    }
}

/// Who waits for whom while objects are made concurrently: finds the wait that would never end.
final class WaitGraph: Sendable {
    private struct Wait {
        var id: Int
        var waiter: Construction
        var maker: Construction
    }

    private struct State {
        var waits: [Wait] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    /// Notes that `waiter` waits for what `maker` makes, and returns what to give to ``leave(_:)`` afterwards.
    ///
    /// - Throws: ``ApplicationError/Code/circular`` when `maker`, directly or through others, waits for `waiter`.
    func enter(_ waiter: Construction, for maker: Construction) throws -> Int {
        try state.withLock { state in
            if Self.leads(from: maker, to: waiter, state.waits) {
                throw ApplicationError.circular([waiter.record.label, maker.record.label, waiter.record.label])
            }
            defer { state.nextID += 1 }
            state.waits.append(Wait(id: state.nextID, waiter: waiter, maker: maker))
            return state.nextID
        }
    }

    func leave(_ id: Int) { state.withLock { $0.waits.removeAll { $0.id == id } } }

    private static func leads(from maker: Construction, to waiter: Construction, _ waits: [Wait]) -> Bool {
        var open = [maker]
        var seen: Set<ObjectIdentifier> = []
        while let current = open.popLast() {
            if waiter.serves(current) { return true }
            guard seen.insert(ObjectIdentifier(current)).inserted else { continue }
            open += waits.filter { $0.waiter.serves(current) }.map(\.maker)
        }
        return false
    }
}

extension ApplicationError {
    static func circular(_ labels: [String]) -> ApplicationError {
        ApplicationError(.circular, "each needs the next to be made: " + labels.joined(separator: " → "))
    }
}
