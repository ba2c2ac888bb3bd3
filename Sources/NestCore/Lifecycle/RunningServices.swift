package import Logging
package import ServiceLifecycle

/// What an application runs beside its hooks: those of its singletons that are services, and its servers.
package final class RunningServices: Sendable {
    private let group: ServiceGroup
    private let started = Latch()
    private let task: Task<(any Error)?, Never>

    /// Starts them.
    ///
    /// - Parameters:
    ///   - services: What to run. One that returns is done; one that throws shuts all of them down gracefully.
    ///   - logger: The group's.
    ///   - onFailure: Called when one has thrown.
    package init(_ services: [any Service], logger: Logger, onFailure: @escaping @Sendable () -> Void) {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: ([StartSignal(latch: started)] + services).map {
                    .init(
                        service: $0, successTerminationBehavior: .ignore,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, logger: logger))
        self.group = group
        // Detached: the application decides when they end, not the graceful shutdown of the task that started them.
        task = Task.detached {
            do {
                try await group.run()
                return nil
            } catch is CancellationError {
                return nil
            } catch {
                onFailure()
                return error
            }
        }
    }

    /// Shuts them down gracefully and returns when they have ended.
    package func stop() async {
        // A group that does not run yet may take no notice.
        await started.wait()
        await group.triggerGracefulShutdown()
        _ = await task.value
    }

    package func cancel() { task.cancel() }

    /// What made them fail, once they have ended.
    package func failure() async -> (any Error)? { await task.value }
}

/// Tells that the group runs.
private struct StartSignal: Service {
    let latch: Latch

    func run() async throws { latch.open() }
}
