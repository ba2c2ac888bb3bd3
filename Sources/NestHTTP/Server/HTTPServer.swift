import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Listens, and looks after its connections from the first to the last.
final class HTTPServer: MicroserviceServer {
    private enum State {
        /// Not started; a failed start comes back here.
        case made
        case starting
        case listening(any Channel)
        case running(any Channel)
        case ended
    }

    /// What answers; also without a socket.
    let front: HTTPFront
    private let options: HTTPOptions
    private let connections = HTTPConnections()
    private let bootstrap: HTTPBootstrap
    private let state = Mutex(State.made)

    init(options: HTTPOptions, front: HTTPFront) throws(TransportError) {
        self.options = options
        self.front = front
        bootstrap = try HTTPBootstrap(options: options, front: front, connections: connections)
    }

    private var channel: (any Channel)? {
        state.withLock { state in
            switch state {
            case .listening(let channel), .running(let channel): channel
            case .made, .starting, .ended: nil
            }
        }
    }

    var endpoint: Endpoint? {
        guard let address = channel?.localAddress, let port = address.port else { return nil }
        return Endpoint(
            scheme: options.tls == nil ? "http" : "https",
            location: .host(address.ipAddress ?? options.host, port: port))
    }

    func start() async throws(TransportError) {
        guard try beginStart() else { return }
        do throws(TransportError) {
            let channel = try await bootstrap.listen()
            state.withLock { $0 = .listening(channel) }
        } catch {
            state.withLock { $0 = .made }
            throw error
        }
    }

    /// False when it listens already.
    private func beginStart() throws(TransportError) -> Bool {
        let isFree = state.withLock { state -> Bool? in
            switch state {
            case .made:
                state = .starting
                return true
            case .listening, .running: return false
            case .starting, .ended: return nil
            }
        }
        guard let isFree else { throw TransportError(.closed, "the HTTP server is being started, or has ended") }
        return isFree
    }

    func health() async -> HealthStatus {
        guard let channel, channel.isActive, let endpoint else { return .down() }
        return .up(["address": endpoint.description, "connections": String(connections.count)])
    }
}

// MARK: - Run

extension HTTPServer {
    func run() async throws {
        try await start()
        let channel = try claim()
        let stop = channel.eventLoop.makePromise(of: Void.self)
        // A listening socket that fails ends the service: whoever supervises it must know.
        channel.closeFuture.cascade(to: stop)
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await stop.futureResult.get()
            } onGracefulShutdown: {
                stop.succeed()
            }
        } onCancel: {
            stop.succeed()
        }
        let failed = !channel.isActive
        try? await channel.close()
        await end()
        if failed { throw TransportError(.disconnected, "the listening socket of port \(options.port) was lost") }
    }

    private func claim() throws -> any Channel {
        try state.withLock { state in
            guard case .listening(let channel) = state else {
                throw ApplicationError(.alreadyRunning, "the HTTP server was run already")
            }
            state = .running(channel)
            return channel
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
        state.withLock { $0 = .ended }
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
