import Testing

@testable import NestRabbitMQ

struct TopologyTests {
    @Test(arguments: [
        ("orders.created", "orders.created"), ("orders.*", "orders.*"), ("orders.>", "orders.*.#"), (">", "*.#"),
        ("a.#", "a.%23"), (#"{"cmd":"a.*.b"}"#, #"{"cmd":"a.%2A.b"}"#),
    ])
    func bindings(_ pattern: String, _ key: String) {
        #expect(RabbitMQNames.bindingKey(of: Pattern(pattern)) == key)
    }

    @Test(arguments: [("orders.created", "orders.created"), ("a.#", "a.%23"), (#"{"k":"x.#.y"}"#, #"{"k":"x.%23.y"}"#)])
    func routing(_ pattern: String, _ key: String) {
        #expect(RabbitMQNames.routingKey(of: Pattern(pattern)) == key)
        // What is sent and what is bound for the same name must meet.
        #expect(RabbitMQNames.bindingKey(of: Pattern(pattern)) == key)
    }

    @Test func longPatternsCannotBeBound() {
        #expect(RabbitMQNames.problem(binding: Pattern(String(repeating: "a", count: 255))) == nil)
        #expect(RabbitMQNames.problem(binding: Pattern(String(repeating: "a", count: 256))) != nil)
    }

    private func queue(_ name: String, to exchange: String, _ key: String) -> QueueDeclaration {
        QueueDeclaration(
            name, arguments: ["x-dead-letter-exchange": .text(exchange), "x-dead-letter-routing-key": .text(key)])
    }

    @Test func findsACycleThroughExchanges() {
        let topology = Topology(
            exchanges: [ExchangeDeclaration("dead", .direct), ExchangeDeclaration("events", .topic)],
            queues: [queue("a", to: "dead", "x"), queue("b", to: "events", "orders.failed")],
            bindings: [
                BindingDeclaration(queue: "b", exchange: "dead", key: "x"),
                BindingDeclaration(queue: "a", exchange: "events", key: "orders.#"),
            ])
        #expect(topology.deadLetterCycle(waiting: []) == ["a", "b", "a"])
    }

    @Test func findsAQueueThatIsItsOwn() {
        let topology = Topology(queues: [queue("a", to: "", "a")])
        #expect(topology.deadLetterCycle(waiting: []) == ["a", "a"])
    }

    @Test func aWaitIsNoCycle() {
        let topology = Topology(queues: [queue("a.retry.10", to: "", "a"), QueueDeclaration("a")])
        #expect(topology.deadLetterCycle(waiting: ["a.retry.10"]) == nil)
    }

    @Test func bindingsThatDoNotMatchAreNoCycle() {
        let topology = Topology(
            exchanges: [ExchangeDeclaration("events", .topic)], queues: [queue("a", to: "events", "orders.failed")],
            bindings: [BindingDeclaration(queue: "a", exchange: "events", key: "orders.*.failed")])
        #expect(topology.deadLetterCycle(waiting: []) == nil)
    }

    @Test func aQueueForEachWait() {
        let policy = DeliveryPolicy(
            maxAttempts: 5, backoff: .exponential(initial: .milliseconds(100), limit: .milliseconds(400)))
        var kinds = QueueKinds(options: RabbitMQQueueOptions(), policy: policy)
        #expect(kinds.waiting(for: "q").map(\.name) == ["q.retry.100", "q.retry.200", "q.retry.400"])
        let first = kinds.waiting(for: "q").first
        #expect(first?.arguments["x-message-ttl"] == .number(100))
        #expect(first?.arguments["x-dead-letter-routing-key"] == .text("q"))
        #expect(first?.arguments["x-dead-letter-strategy"] == .text("at-least-once"))
        #expect(first?.arguments["x-overflow"] == .text("reject-publish"))
        kinds = QueueKinds(options: RabbitMQQueueOptions(), policy: DeliveryPolicy(maxAttempts: 1))
        #expect(kinds.waiting(for: "q").isEmpty)
    }

    @Test func classicQueuesAskForNothingTheyDoNotKnow() {
        var options = RabbitMQQueueOptions()
        options.kind = .classic
        options.maxPriority = 9
        let queue = QueueKinds(options: options, policy: DeliveryPolicy()).events("q", dead: ("d", "g"))
        #expect(queue.arguments["x-queue-type"] == .text("classic"))
        #expect(queue.arguments["x-delivery-limit"] == nil)
        #expect(queue.arguments["x-dead-letter-strategy"] == nil)
        #expect(queue.arguments["x-max-priority"] == .number(9))
    }
}
