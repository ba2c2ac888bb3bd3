import NestCore
import ServiceLifecycle

/// In the place of an HTTP server: a server that listens to nothing.
struct SilentServer: MicroserviceServer {
    var endpoint: Endpoint? { nil }

    func start() {}

    func run() async { try? await gracefulShutdown() }

    func health() -> HealthStatus { .up() }
}

/// An application's HTTP, made as always and reached without a socket.
struct SilentListener: ApplicationListener {
    let base: HTTPListener

    var transport: String { base.transport }

    func problems(in graph: ApplicationGraph) -> [String] { base.problems(in: graph) }

    func makeRunner(_ parts: ApplicationParts) async throws -> ServerRunner {
        _ = try await base.makeRunner(parts)
        return ServerRunner(
            server: SilentServer(), transport: transport, policy: .failFast, logger: parts.logger)
    }
}
