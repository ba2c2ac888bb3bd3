import Logging
import NIOCore
import ServiceLifecycle

/// Listens, and looks after its connections from the first to the last.
final class HTTPServer: MicroserviceServer {
    /// What answers; also without a socket.
    let front: HTTPFront
    private let options: HTTPOptions
    private let connections = HTTPConnections()
    private let bootstrap: HTTPBootstrap
    private let life = ListenerLife<any Channel>("HTTP server")

    init(options: HTTPOptions, front: HTTPFront) throws(TransportError) {
        self.options = options
        self.front = front
        bootstrap = try HTTPBootstrap(options: options, front: front, connections: connections)
    }

    var endpoint: Endpoint? {
        guard let address = life.listener?.localAddress, let port = address.port else { return nil }
        return Endpoint(
            scheme: options.tls == nil ? "http" : "https",
            location: .host(address.ipAddress ?? options.host, port: port))
    }

    func start() async throws(TransportError) {
        try await life.start { () async throws(TransportError) in try await bootstrap.listen() }
    }

    func health() async -> HealthStatus {
        guard let channel = life.listener, channel.isActive, let endpoint else { return .down() }
        return .up(["address": endpoint.description, "connections": String(connections.count)])
    }
}

// MARK: - Run

extension HTTPServer {
    func run() async throws {
        try await start()
        let channel = try life.claim()
        let isAlive = await life.waitForEnd(of: channel)
        try? await channel.close()
        await end()
        guard isAlive else {
            throw TransportError(.disconnected, "the listening socket of port \(options.port) was lost")
        }
    }

    /// No new connections; what was taken is answered, unless the run was cancelled.
    private func end() async {
        connections.drain()
        if !Task.isCancelled { await drain() }
        connections.closeAll()
        if await !isEmpty(within: .seconds(1), heedsCancellation: false) {
            options.resolvedLogger.error("handlers go on that take no notice of being cancelled")
        }
        life.end()
    }

    /// Waits for the running handlers as long as they may take, then for what cancelled ones still say.
    private func drain() async {
        if await isEmpty(within: options.shutdownTimeout, heedsCancellation: true) { return }
        connections.cancelHandlers()
        _ = await isEmpty(within: .seconds(1), heedsCancellation: true)
    }

    private func isEmpty(within time: Duration, heedsCancellation: Bool) async -> Bool {
        let latch = connections.whenEmpty()
        let loop = bootstrap.loop
        let timer = loop.scheduleTask(in: TimeAmount(time)) { latch.open() }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await latch.wait()
        } onCancel: {
            if heedsCancellation { latch.open() }
        }
        return connections.count == 0
    }
}
