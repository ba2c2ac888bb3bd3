/// All queues and instances of a bus. What is to be told to whom is left in ``effects``, to be done outside the lock.
struct MemoryBusState: Sendable {
    /// Something to do once the lock is given back.
    enum Effect: Sendable {
        case hand(MemoryDelivery?, to: UnsafeContinuation<MemoryDelivery?, Never>)
        case answer(MemoryCall, TransportError)
        case run(@Sendable () -> Void)

        func perform() {
            switch self {
            case .hand(let delivery, let puller): puller.resume(returning: delivery)
            case .answer(let call, let error): call.answer(.reply(.failure(error)))
            case .run(let body): body()
            }
        }
    }

    /// How the handling of a delivery ended.
    enum End: Sendable {
        case settled
        case dead(DeadLetter)
        /// To be tried again later; until then its key is held.
        case retry
    }

    private struct Queue: Sendable {
        var waiting = KeyLanes<MemoryDelivery>()
        /// Instances that take from it now, the one that got a message last standing last.
        var members: [Int] = []
        /// What it is given; a group's goes on when its last instance has left.
        var patterns = PatternSet([])
    }

    var effects: [Effect] = []
    var deadLetters: MemoryDeadLetterBox
    private var queues: [MemoryQueueName: Queue] = [:]
    private var members: [Int: MemoryMember] = [:]
    private let maxWaiting: Int
    private var lastID = 0

    init(_ options: MemoryOptions) {
        maxWaiting = options.maxWaiting
        deadLetters = MemoryDeadLetterBox(limit: options.maxDeadLetters)
    }

    private mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }
}

// MARK: - Messages come in

extension MemoryBusState {
    mutating func publish(_ delivery: MemoryDelivery) throws(TransportError) {
        switch delivery.message.kind {
        case .send: try publishRequest(delivery)
        case .emit: try publishEvent(delivery)
        }
    }

    /// To the first service that has a handler. Without one, any service says that it has none.
    private mutating func publishRequest(_ delivery: MemoryDelivery) throws(TransportError) {
        var delivery = delivery
        let pattern = delivery.message.pattern
        let live = members.filter { !$0.value.isStopped }.sorted { $0.key < $1.key }.map(\.value)
        guard let any = live.first else {
            throw TransportError(.noResponders, "no service listens on the bus")
        }
        let chosen = live.first { $0.subscription(to: .requests($0.queue)).covers(pattern) }
        delivery.isUnknown = chosen == nil
        delivery.queue = .requests((chosen ?? any).queue)
        try checkRoom(in: [delivery.queue])
        enqueue(delivery)
    }

    /// A delivery for each group that listens, and for each instance with a handler that broadcasts.
    private mutating func publishEvent(_ delivery: MemoryDelivery) throws(TransportError) {
        let pattern = delivery.message.pattern
        let targets = queues.filter { name, queue in
            if case .requests = name { return false }
            return queue.patterns.covers(pattern)
        }
        try checkRoom(in: targets.keys)
        for target in targets.keys {
            var copy = delivery
            copy.queue = target
            copy.message.audience = target.isBroadcast ? .everyone : .group
            enqueue(copy)
        }
        if targets.isEmpty {
            keep(delivery, DeadLetter(.noHandler, TransportError(.noHandler, "no group listens to `\(pattern)`")))
        }
    }

    /// Looked at before anything is put anywhere: an event is taken for all of its groups or for none.
    private func checkRoom(in names: some Collection<MemoryQueueName>) throws(TransportError) {
        guard let full = names.first(where: { queues[$0]?.waiting.count ?? 0 >= maxWaiting }) else { return }
        throw TransportError(.overloaded, "\(maxWaiting) messages wait in \(full) already")
    }

    private mutating func enqueue(_ delivery: MemoryDelivery) {
        var delivery = delivery
        delivery.id = nextID()
        queues[delivery.queue, default: Queue()].waiting.append(delivery, key: delivery.key)
        offer(delivery.queue)
    }
}

// MARK: - Messages go out

extension MemoryBusState {
    /// An instance waits for its next message.
    mutating func pull(_ id: Int, _ puller: UnsafeContinuation<MemoryDelivery?, Never>) {
        guard let member = members[id], !member.isStopped else { return effects.append(.hand(nil, to: puller)) }
        members[id]?.puller = puller
        feed(id)
    }

    /// Gives what waits in a queue to instances that wait.
    private mutating func offer(_ name: MemoryQueueName) {
        for id in queues[name]?.members ?? [] { feed(id) }
    }

    /// Gives an instance its next message, if it waits for one, has room, and there is one.
    private mutating func feed(_ id: Int) {
        guard let member = members[id], let puller = member.puller, member.hasRoom else { return }
        for name in member.queues {
            guard let delivery = queues[name]?.waiting.takeFirst(where: { member.takes($0) }) else { continue }
            members[id]?.puller = nil
            members[id]?.inFlight[delivery.id] = delivery
            members[id]?.queues.moveToEnd(name)
            queues[name]?.members.moveToEnd(id)
            return effects.append(.hand(delivery, to: puller))
        }
    }

    /// The handling of a delivery ended. False when the instance had been removed meanwhile.
    mutating func finish(_ delivery: MemoryDelivery, by id: Int, _ end: End) -> Bool {
        guard members[id]?.inFlight.removeValue(forKey: delivery.id) != nil else { return false }
        switch end {
        case .settled: release(delivery)
        case .retry: break
        case .dead(let letter):
            keep(delivery, letter)
            release(delivery)
        }
        feed(id)
        return true
    }

    /// The wait before the next try is over.
    mutating func retry(_ delivery: MemoryDelivery) {
        guard queues[delivery.queue] != nil else { return }
        queues[delivery.queue]?.waiting.putBack(delivery)
        offer(delivery.queue)
    }

    private mutating func release(_ delivery: MemoryDelivery) {
        guard let key = delivery.key else { return }
        queues[delivery.queue]?.waiting.release(key: key)
        offer(delivery.queue)
    }

    private mutating func keep(_ delivery: MemoryDelivery, _ letter: DeadLetter) {
        for waiter in deadLetters.add(MemoryDeadLetter(delivery, letter)) { effects.append(.run(waiter)) }
    }
}

// MARK: - Instances come and go

extension MemoryBusState {
    mutating func join(_ member: MemoryMember) -> Int {
        var member = member
        let id = nextID()
        let names = [MemoryQueueName.requests(member.queue), .events(member.group), .broadcast(id)]
        member.queues = names.filter { !member.subscription(to: $0).isEmpty || $0 == .requests(member.queue) }
        for name in member.queues {
            queues[name, default: Queue()].members.append(id)
            queues[name]?.patterns.formUnion(member.subscription(to: name))
        }
        members[id] = member
        return id
    }

    mutating func stop(_ id: Int) {
        guard let member = members[id], !member.isStopped else { return }
        members[id]?.isStopped = true
        members[id]?.puller = nil
        if let puller = member.puller { effects.append(.hand(nil, to: puller)) }
        for name in member.queues {
            queues[name]?.members.removeAll { $0 == id }
            abandon(name)
        }
    }

    mutating func remove(_ id: Int) {
        stop(id)
        guard let member = members.removeValue(forKey: id) else { return }
        for delivery in member.inFlight.values.sorted(by: { $0.id > $1.id }) {
            if let call = delivery.call {
                effects.append(.answer(call, Self.gone))
                release(delivery)
            } else {
                retry(delivery.again())
            }
        }
    }

    /// Without an instance left requests fail at once; a group's events wait for the next instance.
    private mutating func abandon(_ name: MemoryQueueName) {
        guard var queue = queues[name], queue.members.isEmpty else { return }
        switch name {
        case .events, .nowhere: return
        case .broadcast: queues[name] = nil
        case .requests:
            queues[name] = nil
            for delivery in queue.waiting.removeAll() {
                if let call = delivery.call { effects.append(.answer(call, Self.gone)) }
            }
        }
    }

    private static var gone: TransportError { TransportError(.disconnected, "the service has gone") }
}

extension MemoryQueueName {
    fileprivate var isBroadcast: Bool {
        if case .broadcast = self { return true }
        return false
    }
}

extension Array where Element: Equatable {
    fileprivate mutating func moveToEnd(_ element: Element) {
        guard let index = firstIndex(of: element) else { return }
        append(remove(at: index))
    }
}
