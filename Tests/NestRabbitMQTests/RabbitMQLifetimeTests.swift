import NIOPosix
import NestTesting
import Testing

@testable import NestRabbitMQ

/// What is closed is gone: connections, clients, servers.
@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQLifetimeTests {
    private final class Weak<Object: AnyObject> {
        weak var object: Object?
    }

    private func eventually(_ what: String, _ isMet: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while !isMet() {
            guard ContinuousClock.now < end else {
                Issue.record("\(what): not in 10 seconds")
                return
            }
            await Task.yield()
        }
    }

    @Test func clientsAndTheirConnectionsGo() async throws {
        let options = RabbitMQOptions.test(try await Brokers.shared.plain().url)
        let environment = TransportEnvironment(
            logger: RabbitService.quiet, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let closed = Weak<RabbitMQClient>()
        let dropped = Weak<RabbitMQClient>()
        do {
            let first = try RabbitMQClient(options: options, environment: environment)
            let second = try RabbitMQClient(options: options, environment: environment)
            try await first.connect()
            try await second.connect()
            (closed.object, dropped.object) = (first, second)
            await first.close()
        }
        try await eventually("the closed client goes") { closed.object == nil }
        try await eventually("the dropped client goes") { dropped.object == nil }
    }

    @Test func connectionsGo() async throws {
        let options = RabbitMQOptions.test(try await Brokers.shared.plain().url)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let connection = Weak<RabbitMQConnection>()
        do {
            let up = try await RabbitMQConnector(options: options, loop: loop).connect(as: "test")
            let channel = try await up.openChannel()
            try await channel.call(.declareQueue(.own("")))
            connection.object = up
            await up.close()
        }
        try await eventually("the connection goes") { connection.object == nil }
    }
}
