import ServiceLifecycle

/// Runs the servers of an application side by side. Graceful shutdown reaches all of them at once; when one fails, the
/// others are shut down gracefully too.
struct ServersService: Service {
    let runners: [ServerRunner]
    let logger: Logger

    func run() async throws {
        let end = Latch()
        let running = runners.map { RunningServices([$0], logger: logger) { end.open() } }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await end.wait()
            } onGracefulShutdown: {
                end.open()
            }
            await withDiscardingTaskGroup { group in
                for server in running { group.addTask { await server.stop() } }
            }
        } onCancel: {
            // Also while they shut down: who cancels does not want to wait for what is still under way.
            for server in running { server.cancel() }
            end.open()
        }
        for server in running {
            if let failure = await server.failure() { throw failure }
        }
    }
}
