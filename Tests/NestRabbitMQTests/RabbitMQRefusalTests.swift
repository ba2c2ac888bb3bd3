import NestRabbitMQ
import NestTesting
import Testing

/// What the broker does not take: queues with a bound, which are full.
@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQRefusalTests {
    private static let bound = 5

    /// A service that was there and has left its queues, with room for so many messages and a few.
    private func options(_ kind: RabbitMQQueueOptions.Kind) async throws -> RabbitMQOptions {
        var options = RabbitMQOptions.test(try await Brokers.shared.plain().url)
        options.queues.kind = kind
        options.queues.maxLength = Self.bound
        await (try RabbitService.start(options)).stop()
        return options
    }

    /// Sends events until one is refused; those that were taken, and what was said of the other.
    private func fill(_ client: ClientProxy) async -> (taken: [String], refusal: TransportError?) {
        var taken: [String] = []
        for number in 0..<200 {
            let refusal = await thrown { () throws(TransportError) in
                try await client.emit("test.noted", "\(number)", options: .timeout(.milliseconds(600)))
            }
            if let refusal { return (taken, refusal) }
            taken.append("a \(number)")
        }
        return (taken, nil)
    }

    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func anEventThatIsRefusedIsSentAgainUntilItsDeadline(_ kind: RabbitMQQueueOptions.Kind) async throws {
        let options = try await options(kind)
        let client = try ClientProxy.rabbit(options)
        let begin = ContinuousClock.now
        let (taken, refusal) = await fill(client)
        #expect(refusal?.code == .overloaded)
        #expect(refusal?.message == "the broker refuses the message: a queue is full, or cannot store it")
        #expect(taken.count >= Self.bound && ContinuousClock.now - begin < .seconds(10))
        async let late = thrown { () throws(TransportError) in
            try await client.emit("test.noted", "late", options: .timeout(.seconds(30)))
        }
        // Somebody takes what is there, and makes room.
        let service = try await RabbitService.start(options)
        #expect(await late == nil)
        // None twice: what is refused is in no queue.
        try await service.probe.log.eventually("every event") { $0.count > taken.count }
        #expect(service.probe.log.value.sorted() == (taken + ["a late"]).sorted())
        await client.close()
        await service.stop()
    }

    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func aRequestThatIsRefusedIsSentAgainUntilItsDeadline(_ kind: RabbitMQQueueOptions.Kind) async throws {
        let options = try await options(kind)
        let client = try ClientProxy.rabbit(options)
        // They wait in the queue for somebody who answers.
        let waiting = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0..<40 {
                    group.addTask {
                        _ = await thrown { () throws(TransportError) in
                            _ = try await client.send("test.echo", 1, as: Int.self, options: .timeout(.seconds(60)))
                        }
                    }
                }
            }
        }
        let refusal = try await within(.seconds(30), "a request is refused") {
            while true {
                let error = await thrown { () throws(TransportError) in
                    _ = try await client.send("test.echo", 1, as: Int.self, options: .timeout(.seconds(1)))
                }
                if error?.code != .timeout { return error }
            }
        }
        #expect(refusal?.code == .overloaded)
        #expect(refusal?.message == "the broker refuses the message: a queue is full, or cannot store it")
        async let late: Int = client.send("test.echo", 2, options: .timeout(.seconds(30)))
        // Somebody answers, and makes room.
        let service = try await RabbitService.start(options)
        #expect(try await late == 2)
        await waiting.value
        await client.close()
        await service.stop()
    }
}
