import NestKafka
import NestTesting
import Synchronization

/// A prefix of its own on a broker that all cases share.
final class KafkaStage: TransportStage {
    private let bootstrap: String
    private let configure: @Sendable (inout KafkaOptions) -> Void
    private let prefix: String
    private let proxied: KafkaBroker?
    private let mock: KafkaMock?
    private let proxies = Mutex<[FaultProxy]>([])

    private static let counter = Atomic(0)

    /// `proxied` is the broker that clients reach through a proxy, `mock` the pretended cluster it all is on.
    init(
        _ bootstrap: String, proxied: KafkaBroker? = nil, mock: KafkaMock? = nil,
        _ configure: @escaping @Sendable (inout KafkaOptions) -> Void = { _ in }
    ) {
        self.bootstrap = bootstrap
        self.configure = configure
        self.proxied = proxied
        self.mock = mock
        prefix = "case\(Self.counter.add(1, ordering: .relaxed).newValue)"
    }

    func serverTransport(at endpoint: Endpoint?) -> any Transport { transport(bootstrap) }

    func clientTransport(to endpoint: Endpoint?) async throws -> any Transport {
        guard let proxied else { return transport(bootstrap) }
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: proxied.directPort)))
        _ = try await proxied.listener(behind: proxy)
        proxies.withLock { $0.append(proxy) }
        return transport("127.0.0.1:\(proxy.port)")
    }

    func deadLetters(atLeast count: Int) async throws -> [MessageHeaders] {
        let letters = try KafkaDeadLetters(options(bootstrap), group: "suite")
        while true {
            let page = try await letters.list()
            if page.letters.count >= count { return page.letters.map(\.headers) }
            try Task.checkCancellation()
        }
    }

    func cut() async throws {
        for proxy in proxies.withLock({ $0 }) { try await proxy.cut() }
    }

    func close() async {
        for proxy in proxies.withLock({ $0 }) { try? await proxy.close() }
    }

    private func transport(_ bootstrap: String) -> any Transport {
        let kafka = KafkaTransport(options(bootstrap))
        guard let mock else { return kafka }
        return KafkaMockTransport(mock: mock, kafka: kafka)
    }

    private func options(_ bootstrap: String) -> KafkaOptions {
        var options = KafkaOptions.test(bootstrap, prefix: prefix)
        options.service = "suite"
        configure(&options)
        return options
    }
}

extension KafkaOptions {
    /// Quick to come back and to notice who is gone, under a prefix of its own.
    static func test(_ bootstrap: String, prefix: String = "p\(UInt32.random(in: 0 ... .max))") -> KafkaOptions {
        var options = KafkaOptions(brokers: [bootstrap])
        options.prefix = prefix
        options.reconnectDelay = .milliseconds(5)
        options.maxReconnectDelay = .milliseconds(100)
        // Tansu looks for new records only when it is asked, or has been asked for so long.
        options.connection.properties["fetch.wait.max.ms"] = "10"
        options.topics.partitions = 3
        options.topics.replyPartitions = 2
        options.consumer.sessionTimeout = .seconds(2)
        options.consumer.heartbeatInterval = .milliseconds(300)
        options.consumer.commitInterval = .milliseconds(50)
        options.consumer.clockTolerance = .zero
        return options
    }
}
