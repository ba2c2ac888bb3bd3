/// What one service has on the broker, and which handlers get what from there.
struct ServicePlan: Sendable {
    /// What comes over a consumer.
    enum Role: Sendable {
        /// The service's requests, and events of peers that know no other place.
        case requests
        /// The group's events.
        case events
        /// Events that every instance gets.
        case broadcast
    }

    /// A queue that is consumed from.
    struct Source: Sendable {
        let queue: QueueDeclaration
        let role: Role
    }

    let topology: Topology
    let sources: [Source]
    /// Where dead letters go: an exchange and a key.
    let dead: (exchange: String, key: String)
    /// The binding keys of each broadcast pattern: its queue has a name only once it is declared.
    let broadcastKeys: [String]
    let eventsExchange: String

    init(
        _ routes: [Route], _ options: RabbitMQOptions, _ environment: TransportEnvironment
    ) throws(TransportError) {
        let names = RabbitMQNames(options)
        for name in [environment.queue, environment.group] {
            if let problem = RabbitMQNames.problem(of: name) {
                throw TransportError(
                    .invalidConfiguration, "queue and group name queues of RabbitMQ: `\(name)` \(problem)")
            }
        }
        let events = routes.filter { $0.kind == .emit }
        for route in events {
            if let problem = RabbitMQNames.problem(binding: route.pattern) {
                throw TransportError(.invalidConfiguration, problem)
            }
        }
        try Self.check(environment.deliveryPolicy, options.queues)
        let kinds = QueueKinds(options: options.queues, policy: environment.deliveryPolicy)
        dead = (names.dead, names.deadKey(of: environment.group))
        eventsExchange = names.events
        broadcastKeys = Self.keys(events.filter(\.options.broadcast))
        let groupKeys = Self.keys(events.filter { !$0.options.broadcast })
        let requests = kinds.work(names.requests(environment.queue))
        let group = kinds.events(names.events(of: environment.group), dead: dead)
        let deadLetters = kinds.store(names.deadLetters(of: environment.group))
        let listens = groupKeys.isEmpty ? [] : [group]
        let waiting = ([requests] + listens).flatMap { kinds.waiting(for: $0.name) }
        topology = Topology(
            exchanges: [ExchangeDeclaration(names.events, .topic), ExchangeDeclaration(names.dead, .direct)],
            queues: [deadLetters] + waiting + [requests] + listens,
            bindings: [BindingDeclaration(queue: deadLetters.name, exchange: names.dead, key: dead.key)]
                + groupKeys.map { BindingDeclaration(queue: group.name, exchange: names.events, key: $0) })
        sources =
            [Source(queue: requests, role: .requests)] + listens.map { Source(queue: $0, role: .events) }
            + (broadcastKeys.isEmpty ? [] : [Source(queue: .own(""), role: .broadcast)])
        let all = topology.queues.map(\.name)
        if let name = all.first(where: { name in all.count { $0 == name } > 1 }) {
            throw TransportError(.invalidConfiguration, "two queues of the service would be called `\(name)`")
        }
        if let cycle = topology.deadLetterCycle(waiting: Set(waiting.map(\.name))) {
            throw TransportError(
                .invalidConfiguration, "dead letters would go round in a circle: \(cycle.joined(separator: " → "))")
        }
    }

    private static func keys(_ routes: [Route]) -> [String] {
        Set(routes.map { RabbitMQNames.bindingKey(of: $0.pattern) }).sorted()
    }

    private static func check(_ policy: DeliveryPolicy, _ queues: RabbitMQQueueOptions) throws(TransportError) {
        guard queues.kind == .classic || policy.maxAttempts < queues.deliveryLimit else {
            throw TransportError(
                .invalidConfiguration,
                "the broker gives up after \(queues.deliveryLimit) deliveries, before \(policy.maxAttempts) tries")
        }
    }
}
