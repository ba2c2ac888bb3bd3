import NestRabbitMQ
import NestTesting
import Testing

/// A cluster of three nodes, of which one dies.
@Suite(
    .serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"), .timeLimit(.minutes(3)))
struct RabbitMQClusterTests {
    @Test func aLostNodeLosesNothing() async throws {
        let cluster = try await RabbitMQCluster.started()
        var options = RabbitMQOptions.test(cluster.urls[0])
        options.servers = cluster.urls
        let service = try await RabbitService.start(options) {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 20, backoff: .constant(.milliseconds(50)))
        }
        let client = try ClientProxy.rabbit(options)
        let count = 500
        let sent = Watched(0)
        async let sending = send(count, over: client, sent)
        try await sent.eventually(within: .seconds(60), "some are sent") { $0 >= count / 4 }
        // Both sides are connected to the first one, where the queues were declared too.
        await cluster.members[0].process.kill()
        let failures = await sending
        #expect(failures.isEmpty, "\(failures.count) events, such as \(failures.first.map { "\($0)" } ?? "")")
        let expected = Set((0..<count).map { "a \($0)" })
        try await service.probe.log.eventuallyContains(expected, within: .seconds(60), "every event")
        let reply: Int = try await client.send("test.echo", 1, options: .timeout(.seconds(20)))
        #expect(reply == 1)
        #expect(await client.health().details["server"] != cluster.urls[0])
        await client.close()
        await service.stop()
    }

    /// One event after another; what each of those that failed came to.
    private func send(_ count: Int, over client: ClientProxy, _ sent: Watched<Int>) async -> [Int: TransportError] {
        var failures: [Int: TransportError] = [:]
        for number in 0..<count {
            let error = await thrown { () throws(TransportError) in
                try await client.emit("test.noted", "\(number)", options: .timeout(.seconds(60)))
            }
            failures[number] = error
            sent.increment()
        }
        return failures
    }
}
