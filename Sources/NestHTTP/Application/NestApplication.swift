/// An application whose controllers answer HTTP: made by `NestFactory.create`, started by ``listen()``, or by `run()` as
/// a service among others. Message transports are added by `connectMicroservice`.
///
/// ```swift
/// let app = try await NestFactory.create(AppModule.self)
/// try app.setGlobalPrefix("api").enableHealthCheck().enableReadinessCheck()
/// try await app.listen(port: 3000)
/// ```
public final class NestApplication: Application, HTTPConfigurable {
    /// What holds its objects, its servers and its state.
    public let host: ApplicationHost
    /// Its HTTP server to be.
    public let http: HTTPListener

    init(host: ApplicationHost, http: HTTPListener) {
        self.host = host
        self.http = http
    }

    /// Starts on this port, and serves until SIGINT or SIGTERM: then shuts down gracefully and returns. A second signal
    /// closes at once.
    ///
    /// - Throws: What `start()` throws, and what made a server end by itself.
    public func listen(port: Int) async throws {
        try http.set { $0.options.port = port }
        try await listen()
    }

    /// Answers a request as the server would, without a socket. For tests; the application must have been started.
    package func respond(to request: HummingbirdRequest) async throws -> HummingbirdResponse {
        guard let front = http.front else { throw ApplicationError(.notReady, "the application was not started") }
        return await front.answer(request, nil).response
    }
}
