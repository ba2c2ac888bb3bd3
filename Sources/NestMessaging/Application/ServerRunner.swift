import ServiceLifecycle
import Synchronization

/// One server of an application: its start by policy, then its run.
package final class ServerRunner: Service {
    package let server: any MicroserviceServer
    package let transport: String
    private let policy: StartupPolicy
    private let logger: Logger
    private let isStarted = Atomic(false)

    /// A server that has not been started.
    ///
    /// - Parameters:
    ///   - server: What listens.
    ///   - transport: Its short name.
    ///   - policy: What to do when it cannot start.
    ///   - logger: Says where it listens, or why not yet.
    package init(server: any MicroserviceServer, transport: String, policy: StartupPolicy, logger: Logger) {
        self.server = server
        self.transport = transport
        self.policy = policy
        self.logger = logger
    }

    /// Whether its server has started. With `.background` that may come later than the application's start.
    package var hasStarted: Bool { isStarted.load(ordering: .acquiring) }

    /// Starts now, as far as the policy asks for it. Returns when callers are served, or at once with `.background`.
    func start() async throws {
        switch policy {
        case .failFast: try await startOnce()
        case .retry(let time): try await retry(until: .now + time)
        case .background: break
        }
    }

    /// Serves until graceful shutdown or cancellation.
    package func run() async throws {
        if policy == .background {
            do {
                try await cancelWhenGracefulShutdown { try await self.retry(until: nil) }
            } catch is CancellationError {
                return
            }
        }
        try await server.run()
    }

    /// Ends a server that was started and will not be run. A server ends by its run, and one whose run is cancelled
    /// from the first moment closes at once.
    func abandon() async {
        guard policy != .background else { return }
        let run = Task.detached { [server] in try? await server.run() }
        run.cancel()
        await run.value
    }

    private func startOnce() async throws(TransportError) {
        try await server.start()
        isStarted.store(true, ordering: .releasing)
        logger.info(
            "listening",
            metadata: [
                LogKey.transport: .string(transport),
                LogKey.address: .string(server.endpoint?.description ?? transport),
            ])
    }

    /// What cannot work later either is thrown at once.
    private func retry(until end: ContinuousClock.Instant?) async throws {
        var backoff = ReconnectBackoff(initial: .milliseconds(100), limit: .seconds(2))
        while true {
            try Task.checkCancellation()
            do throws(TransportError) {
                return try await startOnce()
            } catch {
                let delay = backoff.next()
                if error.code == .invalidConfiguration { throw error }
                if let end, .now + delay >= end { throw error }
                report(error, delay)
                try await Task.sleep(for: delay)
            }
        }
    }

    private func report(_ error: TransportError, _ delay: Duration) {
        logger.warning(
            "cannot start yet",
            metadata: [
                LogKey.transport: .string(transport), LogKey.error: .string("\(error)"),
                LogKey.delay: .string("\(delay)"),
            ])
    }
}
