import NestRedis
import NestTesting
import Synchronization

/// A prefix of its own on a server that all cases share.
final class RedisStage: TransportStage {
    private let broker: RedisBroker
    private let options: RedisOptions
    private let isProxied: Bool
    private let proxies = Mutex<[FaultProxy]>([])

    private static let counter = Atomic(0)

    init(
        _ broker: RedisBroker, _ mode: RedisMode, proxied: Bool = false,
        _ configure: (inout RedisOptions) throws -> Void = { _ in }
    ) throws {
        self.broker = broker
        isProxied = proxied
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        var options = RedisOptions.test(broker.url, mode, prefix: "case\(number)")
        options.queue = "suite"
        try configure(&options)
        self.options = options
    }

    func serverTransport(at endpoint: Endpoint?) -> any Transport { RedisTransport(options) }

    func clientTransport(to endpoint: Endpoint?) async throws -> any Transport {
        guard isProxied else { return RedisTransport(options) }
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: broker.port)))
        proxies.withLock { $0.append(proxy) }
        var behind = options
        behind.servers = ["redis://127.0.0.1:\(try await proxy.start())"]
        return RedisTransport(behind)
    }

    func cut() async throws {
        for proxy in proxies.withLock({ $0 }) { try await proxy.cut() }
    }

    func deadLetters(atLeast count: Int) async throws -> [MessageHeaders] {
        let letters = try RedisDeadLetters(options, group: "suite")
        while true {
            let found = try await letters.list().letters
            if found.count >= count { return found.map(\.headers) }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    func close() async {
        for proxy in proxies.withLock({ $0 }) { try? await proxy.close() }
    }
}
