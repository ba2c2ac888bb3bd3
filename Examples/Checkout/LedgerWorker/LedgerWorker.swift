import ArgumentParser
import CheckoutContracts
import CheckoutTransports
import Foundation
import Nest

/// `ledger-worker`: books what every order costs. Only with brokers: Kafka keeps what it has not read yet, and what it has
/// read for another ledger that begins from the start.
@main struct LedgerWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ledger-worker")

    @OptionGroup var transports: CheckoutTransports
    @Option(help: "The folder of the ledger.") var data = "data/ledger"

    func run() async throws {
        guard let ledger = transports.ledger else { throw ValidationError("there is a ledger with --brokers only") }
        let app = try await NestFactory.createMicroservice(
            LedgerModule.self, transport: ledger,
            modules: [SettingsModule.with(LedgerSettings(data: URL(fileURLWithPath: data)))],
            options: MicroserviceOptions(name: "ledger-worker"))
        try await app.listen()
    }
}
