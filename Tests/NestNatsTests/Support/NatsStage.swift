import NestNats
import NestTesting
import Synchronization

/// A prefix of its own on a server that all cases share.
final class NatsStage: TransportStage {
    private let broker: NatsBroker
    private let configure: @Sendable (inout NatsOptions) -> Void
    private let prefix: String
    private let isProxied: Bool
    private let proxies = Mutex<[FaultProxy]>([])

    private static let counter = Atomic(0)

    init(
        _ broker: NatsBroker, proxied: Bool = false,
        _ configure: @escaping @Sendable (inout NatsOptions) -> Void = { _ in }
    ) {
        self.broker = broker
        self.configure = configure
        isProxied = proxied
        prefix = "case\(Self.counter.add(1, ordering: .relaxed).newValue)"
    }

    func serverTransport(at endpoint: Endpoint?) -> any Transport { NatsTransport(options(broker.url)) }

    func clientTransport(to endpoint: Endpoint?) async throws -> any Transport {
        guard isProxied else { return NatsTransport(options(broker.url)) }
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: broker.port)))
        proxies.withLock { $0.append(proxy) }
        return NatsTransport(options("nats://127.0.0.1:\(try await proxy.start())"))
    }

    func cut() async throws {
        for proxy in proxies.withLock({ $0 }) { try await proxy.cut() }
    }

    func close() async {
        for proxy in proxies.withLock({ $0 }) { try? await proxy.close() }
    }

    private func options(_ url: String) -> NatsOptions {
        var options = NatsOptions(servers: [url])
        options.prefix = prefix
        options.reconnectDelay = .milliseconds(5)
        options.maxReconnectDelay = .milliseconds(50)
        configure(&options)
        return options
    }
}
