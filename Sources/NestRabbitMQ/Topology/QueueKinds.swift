/// The queues of a service by what they are for.
struct QueueKinds: Sendable {
    let options: RabbitMQQueueOptions
    let policy: DeliveryPolicy

    private var isQuorum: Bool { options.kind == .quorum }

    /// Where requests wait. What expires there is dropped: nobody waits for it any more.
    func work(_ name: String) -> QueueDeclaration {
        var queue = bounded(name)
        if isQuorum { queue.arguments[QueueArgument.deliveryLimit] = .number(Int64(options.deliveryLimit)) }
        return queue
    }

    /// Where events wait. What the broker itself gives up goes to the dead letters.
    func events(_ name: String, dead: (exchange: String, key: String)) -> QueueDeclaration {
        var queue = work(name)
        queue.arguments[QueueArgument.deadLetterExchange] = .text(dead.exchange)
        queue.arguments[QueueArgument.deadLetterKey] = .text(dead.key)
        if let time = options.messageTTL {
            queue.arguments[QueueArgument.messageTTL] = .number(Int64(time / .milliseconds(1)))
        }
        if options.singleActiveConsumer { queue.arguments[QueueArgument.singleActiveConsumer] = .flag(true) }
        return confirmed(queue)
    }

    /// Where messages of a queue wait for their next try: one queue for each wait there is, because the first of a queue
    /// expires first.
    func waiting(for queue: String) -> [QueueDeclaration] { delays.map { waiting(for: queue, $0) } }

    private func waiting(for queue: String, _ milliseconds: Int64) -> QueueDeclaration {
        var waiting = plain(RabbitMQNames.retry(queue, after: milliseconds))
        waiting.arguments[QueueArgument.messageTTL] = .number(milliseconds)
        waiting.arguments[QueueArgument.deadLetterExchange] = .text("")
        waiting.arguments[QueueArgument.deadLetterKey] = .text(queue)
        return confirmed(waiting)
    }

    /// The waits between the tries of the policy, in milliseconds. No wait needs no queue.
    var delays: [Int64] {
        let all = (1..<max(1, policy.maxAttempts)).map { Self.milliseconds(policy.backoff.delay(after: $0)) }
        return Set(all).filter { $0 > 0 }.sorted()
    }

    /// Waits are counted in milliseconds; a shorter one is none.
    static func milliseconds(_ delay: Duration) -> Int64 {
        min(Int64(clamping: Int(delay / .milliseconds(1))), Int64(UInt32.max))
    }

    /// Where dead letters are kept. Whoever looks at a queue takes from it and gives back, which counts as a delivery:
    /// the broker must not lose patience.
    func store(_ name: String) -> QueueDeclaration {
        var queue = plain(name)
        if isQuorum { queue.arguments[QueueArgument.deliveryLimit] = .number(1 << 30) }
        return queue
    }

    private func plain(_ name: String) -> QueueDeclaration {
        QueueDeclaration(name, arguments: [QueueArgument.type: .text(options.kind.rawValue)])
    }

    private func bounded(_ name: String) -> QueueDeclaration {
        var queue = plain(name)
        if let length = options.maxLength { queue.arguments[QueueArgument.maxLength] = .number(Int64(length)) }
        if let bytes = options.maxLengthBytes { queue.arguments[QueueArgument.maxBytes] = .number(Int64(bytes)) }
        if let priority = options.maxPriority { queue.arguments[QueueArgument.maxPriority] = .number(Int64(priority)) }
        if options.maxLength != nil || options.maxLengthBytes != nil {
            queue.arguments[QueueArgument.overflow] = .text("reject-publish")
        }
        return queue
    }

    /// What the broker moves on is confirmed by its target first.
    private func confirmed(_ queue: QueueDeclaration) -> QueueDeclaration {
        guard isQuorum, options.deadLetterStrategy == .atLeastOnce else { return queue }
        var queue = queue
        queue.arguments[QueueArgument.deadLetterStrategy] = .text(options.deadLetterStrategy.rawValue)
        queue.arguments[QueueArgument.overflow] = .text("reject-publish")
        return queue
    }
}
