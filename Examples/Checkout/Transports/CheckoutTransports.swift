package import ArgumentParser
import CheckoutContracts
package import NestKafka
import NestNats
import NestRabbitMQ
import NestRedis
import NestTCP

/// What carries the messages between the four services, as every service's command line says it. All of them have to be
/// told the same; controllers and contracts know nothing of it.
package struct CheckoutTransports: ParsableArguments {
    /// The two ways.
    package enum Way: String, EnumerableFlag {
        /// From service to service, without any broker.
        case tcp
        /// Through brokers.
        case brokers

        package static func help(for way: Way) -> ArgumentHelp? {
            switch way {
            case .tcp: "Messages go from service to service."
            case .brokers:
                "Orders go through NATS, the audit's through Redis, notifications through RabbitMQ, and a ledger's through Kafka."
            }
        }
    }

    @Flag package var way = Way.tcp
    @Option(help: "Where NATS is, for --brokers: a URL, or several separated by commas.")
    package var nats = "nats://127.0.0.1:4222"

    @Option(help: "Where Redis is, for --brokers: a URL, or several separated by commas.")
    package var redis = "redis://127.0.0.1:6379"

    @Option(help: "Where RabbitMQ is, for --brokers: a URL, or several separated by commas.")
    package var rabbitmq = "amqp://127.0.0.1:5672"

    @Option(help: "Where Kafka is, for --brokers: HOST:PORT, or several separated by commas.")
    package var kafka = "127.0.0.1:9092"

    @Flag(help: "Kafka may have a record twice that was sent again: for brokers that do not recognise one safely.")
    package var kafkaRepeats = false

    package init() {}

    /// What leads to `orders-rpc`.
    package var orders: ServiceLink { way == .tcp ? .direct : .broker(NatsTransport(natsOptions)) }

    /// What leads to `audit-worker`.
    package var audit: ServiceLink { way == .tcp ? .direct : .broker(RedisTransport(auditOptions)) }

    /// What leads to `notifications-worker`.
    package var notifications: ServiceLink { way == .tcp ? .direct : .broker(RabbitMQTransport(notificationsOptions)) }

    /// What leads to `ledger-worker`; nil without brokers.
    package var ledger: KafkaTransport? { way == .tcp ? nil : KafkaTransport(ledgerOptions) }

    /// As patient as ``ServiceAddress/client(_:timeout:)``.
    private var natsOptions: NatsOptions {
        var options = NatsOptions(servers: [nats])
        options.name = "checkout"
        options.prefix = "checkout"
        options.connectTimeout = .seconds(1)
        options.maxReconnectDelay = .milliseconds(500)
        return options
    }

    /// A queue that keeps what is confirmed until the customer has a mail, and what could not be told after some tries.
    private var notificationsOptions: RabbitMQOptions {
        var options = RabbitMQOptions(servers: [rabbitmq])
        options.name = "checkout"
        options.prefix = "checkout"
        options.service = "notifications-worker"
        options.connectTimeout = .seconds(1)
        options.maxReconnectDelay = .milliseconds(500)
        return options
    }

    /// Streams: what is confirmed is kept until the trail has it, and a trail that begins late hears it all.
    private var auditOptions: RedisOptions {
        var options = RedisOptions(servers: [redis])
        options.name = "checkout"
        options.prefix = "checkout"
        options.queue = "audit-worker"
        options.start = .beginning
        options.claimAfter = .seconds(5)
        options.connectTimeout = .seconds(1)
        options.maxReconnectDelay = .milliseconds(500)
        return options
    }

    /// A topic that keeps the events of an order in their order, also for a ledger that begins late.
    private var ledgerOptions: KafkaOptions {
        var options = KafkaOptions(brokers: kafka.split(separator: ",").map(String.init))
        options.isIdempotent = !kafkaRepeats
        options.connection.clientID = "checkout"
        options.prefix = "checkout"
        options.service = "ledger-worker"
        options.consumer.start = .beginning
        options.consumer.sessionTimeout = .seconds(6)
        options.consumer.heartbeatInterval = .seconds(1)
        options.connectTimeout = .seconds(1)
        options.maxReconnectDelay = .milliseconds(500)
        return options
    }
}
