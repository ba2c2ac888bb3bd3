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
        case .failFast: try await server.start()
        case .retry(let time): try await retry(until: .now + time)
        case .background: break
        }
    }

    /// The one line at `info`: where the service can be found.
    func reportStart() {
        logger.info(
            "listening",
            metadata: [
                LogKey.transport: .string(transport),
                LogKey.address: .string(server.endpoint?.description ?? transport),
            ])
    }

    /// Serves until graceful shutdown or cancellation.
    func run() async throws {
        if policy == .background {
            let started: ()? = await cancelWhenGracefulShutdown { try? await retry(until: nil) }
            guard started != nil else { return }
        }
        try await server.run()
    }

    /// What cannot work later either is thrown at once.
    private func retry(until end: ContinuousClock.Instant?) async throws {
        var backoff = ReconnectBackoff(initial: .milliseconds(100), limit: .seconds(2))
        while true {
            do throws(TransportError) {
                return try await server.start()
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

/// Runs several services side by side: when one fails or ends, the others are stopped; graceful shutdown reaches all.
struct ServersService: Service {
    let runners: [ServerRunner]

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for runner in runners { group.addTask { try await runner.run() } }
            try await group.waitForAll()
        }
    }
}
