public import NIOCore
public import NIOPosix
import Synchronization

/// A TCP proxy that breaks connections on purpose: put it between a client and a server, or a broker, and set a
/// ``Fault`` while calls are under way.
///
/// ```swift
/// let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: 4222)))
/// let port = try await proxy.start()
/// try await proxy.set(.halfOpen)
/// ```
public final class FaultProxy: Sendable {
    private struct State {
        var upstream: Endpoint
        var fault = Fault.pass
        /// The port it took at first; kept for when it listens again.
        var port = 0
        var listener: (any Channel)?
        var links: [ObjectIdentifier: FaultLink] = [:]
    }

    private let group: any EventLoopGroup
    private let state: Mutex<State>
    /// What has gone through; can be waited on.
    public let traffic = Watched(FaultTraffic())

    /// A proxy that connects to `upstream` for each connection it takes. ``start()`` makes it listen.
    public init(to upstream: Endpoint, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) {
        self.group = group
        state = Mutex(State(upstream: upstream))
    }

    /// The port on 127.0.0.1 that clients connect to; 0 before ``start()``. It stays the same over ``Fault/refuse``.
    public var port: Int { state.withLock { $0.port } }

    /// What it does to connections now.
    public var fault: Fault { state.withLock { $0.fault } }

    /// Listens on a free port, which is returned.
    @discardableResult
    public func start() async throws -> Int {
        try await listen()
        return port
    }

    /// Does something else to connections from now on: to those that are open and to those that come.
    public func set(_ fault: Fault) async throws {
        let (links, listener) = state.withLock { state -> ([FaultLink], (any Channel)?) in
            state.fault = fault
            defer { if fault == .refuse { state.listener = nil } }
            return (Array(state.links.values), state.listener)
        }
        if fault == .refuse {
            try await listener?.close()
        } else if listener == nil {
            try await listen()
        }
        for link in links { try await link.apply(fault) }
    }

    /// Resets every connection that is open, once; new ones are treated as ``fault`` says.
    public func cut() async throws {
        for link in state.withLock({ Array($0.links.values) }) { try await link.reset() }
    }

    /// Sends new connections elsewhere: to a server that came back on another port.
    public func redirect(to upstream: Endpoint) { state.withLock { $0.upstream = upstream } }

    /// Stops listening and closes every connection.
    public func close() async throws {
        let (links, listener) = state.withLock { state -> ([FaultLink], (any Channel)?) in
            defer { state.listener = nil }
            return (Array(state.links.values), state.listener)
        }
        try await listener?.close()
        for link in links { try await link.reset() }
    }
}

// MARK: - Connections

extension FaultProxy {
    private func listen() async throws {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [weak self] client in
                guard let self else { return client.close() }
                return self.accept(client)
            }
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
        state.withLock { state in
            state.listener = listener
            state.port = listener.localAddress?.port ?? 0
        }
    }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        let (upstream, fault) = state.withLock { ($0.upstream, $0.fault) }
        traffic.update { $0.accepted += 1 }
        return client.eventLoop.makeCompletedFuture {
            let link = FaultLink(client: client, upstream: upstream, fault: fault, traffic: traffic) {
                [weak self] link in
                self?.forget(link)
            }
            state.withLock { $0.links[ObjectIdentifier(link)] = link }
            traffic.update { $0.open += 1 }
            try client.pipeline.syncOperations.addHandler(FaultLinkHandler(link, .toServer))
        }
    }

    private func forget(_ link: FaultLink) {
        let wasOpen = state.withLock { $0.links.removeValue(forKey: ObjectIdentifier(link)) != nil }
        if wasOpen { traffic.update { $0.open -= 1 } }
    }
}
