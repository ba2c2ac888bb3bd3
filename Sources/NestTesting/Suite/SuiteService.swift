/// A running instance of the suite's service.
final class SuiteService: Sendable {
    let app: Microservice
    let probe: SuiteProbe
    let endpoint: Endpoint?
    private let life: Task<Void, any Error>

    private init(_ app: Microservice, _ probe: SuiteProbe, _ life: Task<Void, any Error>) {
        self.app = app
        self.probe = probe
        self.life = life
        endpoint = app.endpoints.first
    }

    static func start(_ app: Microservice, _ probe: SuiteProbe) async throws -> SuiteService {
        try await app.start()
        return SuiteService(app, probe, Task { try await app.run() })
    }

    /// Graceful; returns when it is over.
    func stop() async {
        await app.close()
        _ = await life.result
    }

    /// As a process that dies: connections and handlers end now.
    func kill() async {
        life.cancel()
        _ = await life.result
    }
}
