import NestRabbitMQ
import NestTesting
import Synchronization

/// A prefix of its own on a broker that all cases share.
final class RabbitStage: TransportStage {
    private let url: String
    private let configure: @Sendable (inout RabbitMQOptions) -> Void
    private let prefix: String
    private let proxied: Int?
    private let proxies = Mutex<[FaultProxy]>([])

    private static let counter = Atomic(0)

    /// `proxied` is the port that clients reach through a proxy.
    init(
        _ url: String, proxied: Int? = nil, _ configure: @escaping @Sendable (inout RabbitMQOptions) -> Void = { _ in }
    ) {
        self.url = url
        self.configure = configure
        self.proxied = proxied
        prefix = "case\(Self.counter.add(1, ordering: .relaxed).newValue)"
    }

    func serverTransport(at endpoint: Endpoint?) -> any Transport { RabbitMQTransport(options(url)) }

    func clientTransport(to endpoint: Endpoint?) async throws -> any Transport {
        guard let proxied else { return RabbitMQTransport(options(url)) }
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: proxied)))
        proxies.withLock { $0.append(proxy) }
        return RabbitMQTransport(options("amqp://127.0.0.1:\(try await proxy.start())"))
    }

    func deadLetters(atLeast count: Int) async throws -> [MessageHeaders] {
        let letters = try RabbitMQDeadLetters(options(url), group: "suite")
        while true {
            if try await letters.count() >= count { return try await letters.list().letters.map(\.headers) }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    func cut() async throws {
        for proxy in proxies.withLock({ $0 }) { try await proxy.cut() }
    }

    func close() async {
        for proxy in proxies.withLock({ $0 }) { try? await proxy.close() }
    }

    private func options(_ url: String) -> RabbitMQOptions {
        var options = RabbitMQOptions.test(url, prefix: prefix)
        options.service = "suite"
        configure(&options)
        return options
    }
}
