import ServiceLifecycle

/// One server of an application: its start by policy, then its run.
struct ServerRunner: Service {
    let server: any MicroserviceServer
    let transport: String
    let policy: StartupPolicy
    let logger: Logger

    /// Starts now, as far as the policy asks for it. Returns when callers are served, or at once with `.background`.
    func start() async throws {
        switch policy {
        case .failFast: try await startOnce()
        case .retry(let time): try await retry(until: .now + time)
        case .background: break
        }
    }

    /// Serves until graceful shutdown or cancellation.
    func run() async throws {
        if policy == .background {
            do {
                try await cancelWhenGracefulShutdown { try await retry(until: nil) }
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
