import ArgumentParser
import Nest

@Module(controllers: [Audit.self])
enum AuditModule {}

/// `audit-worker`: hears `order.created`, answers `audit.list`.
@main struct AuditWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "audit-worker")

    @Option(help: "Where to listen; 0 takes a free port.") var port = 4002

    func run() async throws {
        let app = try await NestFactory.createMicroservice(
            AuditModule.self, transport: .tcp(port: port), options: MicroserviceOptions(name: "audit-worker"))
        try await app.listen()
    }
}
