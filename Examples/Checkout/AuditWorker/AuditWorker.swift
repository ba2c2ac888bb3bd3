import ArgumentParser
import CheckoutContracts
import CheckoutTransports
import Foundation
import Nest

/// `audit-worker`: writes down every order, and reads it back.
@main struct AuditWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "audit-worker")

    @Option(help: "Where to listen; 0 takes a free port.") var port = 4002
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @OptionGroup var transports: CheckoutTransports
    @Option(help: "The folder of the trail.") var data = "data/audit"

    func run() async throws {
        let app = try await NestFactory.createMicroservice(
            AuditModule.self, transport: transports.audit.server(host: host, port: port),
            modules: [SettingsModule.with(AuditSettings(data: URL(fileURLWithPath: data)))],
            options: MicroserviceOptions(name: "audit-worker"))
        try await app.listen()
    }
}
