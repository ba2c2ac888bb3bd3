import NestTCP
import NestTesting
import Synchronization

/// A port, or a socket file, of its own.
final class TCPStage: TransportStage {
    /// How clients get to servers.
    enum Way: Sendable {
        case direct
        case unixSocket
        /// Through a proxy that treats bytes like this.
        case proxy(Fault)
    }

    private let way: Way
    private let serverTLS: TLSOptions?
    private let clientTLS: TLSOptions?
    private let folder: TemporaryFolder?
    private let proxies = Mutex<[FaultProxy]>([])

    init(_ way: Way, serverTLS: TLSOptions? = nil, clientTLS: TLSOptions? = nil) throws {
        self.way = way
        self.serverTLS = serverTLS
        self.clientTLS = clientTLS
        folder = if case .unixSocket = way { try TemporaryFolder() } else { nil }
    }

    func serverTransport(at endpoint: Endpoint?) -> any Transport {
        TCPTransport(options(address(of: endpoint), serverTLS))
    }

    func clientTransport(to endpoint: Endpoint?) async throws -> any Transport {
        guard case .proxy(let fault) = way, let endpoint else {
            return TCPTransport(options(address(of: endpoint), clientTLS))
        }
        let proxy = FaultProxy(to: endpoint)
        proxies.withLock { $0.append(proxy) }
        let port = try await proxy.start()
        try await proxy.set(fault)
        return TCPTransport(options(.host("127.0.0.1", port: port), clientTLS))
    }

    func cut() async throws {
        for proxy in proxies.withLock({ $0 }) { try await proxy.cut() }
    }

    func close() async {
        for proxy in proxies.withLock({ $0 }) { try? await proxy.close() }
    }

    private func options(_ address: TCPAddress, _ tls: TLSOptions?) -> TCPOptions {
        var options = TCPOptions(address: address, tls: tls)
        options.reconnectDelay = .milliseconds(5)
        options.maxReconnectDelay = .milliseconds(50)
        return options
    }

    private func address(of endpoint: Endpoint?) -> TCPAddress {
        switch endpoint?.location {
        case .host(let host, let port): .host(host, port: port)
        case .path(let path): .unixSocket(path)
        case nil: folder.map { .unixSocket($0.path + "/suite.sock") } ?? .host("127.0.0.1", port: 0)
        }
    }
}
