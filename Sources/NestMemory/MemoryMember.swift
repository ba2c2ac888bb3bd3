/// One instance of a service on the bus: what it listens to, and what it is doing.
struct MemoryMember: Sendable {
    let queue: String
    let group: String
    private let maxInFlight: Int
    private let requests: PatternSet
    private let groupEvents: PatternSet
    private let broadcastEvents: PatternSet
    /// Those it takes messages from, the one it took from last standing last.
    var queues: [MemoryQueueName] = []
    /// What it is handling, by the deliveries' ids.
    var inFlight: [Int: MemoryDelivery] = [:]
    /// Waits for its next message.
    var puller: UnsafeContinuation<MemoryDelivery?, Never>?
    /// True once it takes no more.
    var isStopped = false

    init(_ dispatcher: MessageDispatcher, _ environment: TransportEnvironment) {
        queue = environment.queue
        group = environment.group
        maxInFlight = environment.maxInFlight
        let events = dispatcher.routes.filter { $0.kind == .emit }
        requests = PatternSet(dispatcher.routes.filter { $0.kind == .send }.map(\.pattern))
        groupEvents = PatternSet(events.filter { !$0.options.broadcast }.map(\.pattern))
        broadcastEvents = PatternSet(events.filter(\.options.broadcast).map(\.pattern))
    }

    var hasRoom: Bool { inFlight.count < maxInFlight }

    /// What a queue it takes from is to be given.
    func subscription(to queue: MemoryQueueName) -> PatternSet {
        switch queue {
        case .requests: requests
        case .events: groupEvents
        case .broadcast: broadcastEvents
        case .nowhere: PatternSet([])
        }
    }

    /// Instances of one service may have different handlers: each takes what it has one for.
    func takes(_ delivery: MemoryDelivery) -> Bool {
        delivery.isUnknown || subscription(to: delivery.queue).covers(delivery.message.pattern)
    }
}
