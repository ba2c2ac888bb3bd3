import NestGRPC
import NestTesting
import Synchronization

/// A port of its own.
final class GRPCStage: TransportStage {
    /// How clients get to servers.
    enum Way: Sendable {
        case direct
        /// Through a proxy that treats bytes like this.
        case proxy(Fault)
    }

    private let way: Way
    private let connections: Int
    private let serverTLS: TLSOptions?
    private let clientTLS: TLSOptions?
    private let proxies = Mutex<[FaultProxy]>([])

    init(
        _ way: Way, connections: Int = 1, serverTLS: TLSOptions? = nil, clientTLS: TLSOptions? = nil
    ) {
        self.way = way
        self.connections = connections
        self.serverTLS = serverTLS
        self.clientTLS = clientTLS
    }

    func serverTransport(at endpoint: Endpoint?) -> any Transport {
        GRPCTransport(options(endpoint?.port ?? 0, serverTLS))
    }

    func clientTransport(to endpoint: Endpoint?) async throws -> any Transport {
        guard case .proxy(let fault) = way, let endpoint else {
            return GRPCTransport(options(endpoint?.port ?? 0, clientTLS))
        }
        let proxy = FaultProxy(to: endpoint)
        proxies.withLock { $0.append(proxy) }
        let port = try await proxy.start()
        try await proxy.set(fault)
        return GRPCTransport(options(port, clientTLS))
    }

    func cut() async throws {
        for proxy in proxies.withLock({ $0 }) { try await proxy.cut() }
    }

    func close() async {
        for proxy in proxies.withLock({ $0 }) { try? await proxy.close() }
    }

    private func options(_ port: Int, _ tls: TLSOptions?) -> GRPCOptions {
        var options = GRPCOptions(port: port, tls: tls)
        options.connections = connections
        options.reconnectDelay = .milliseconds(5)
        options.maxReconnectDelay = .milliseconds(50)
        return options
    }
}
