import ArgumentParser
import CheckoutContracts
import CheckoutTransports
import Foundation
import Nest

/// `orders-rpc`: takes orders and keeps them; tells the workers of each.
@main struct OrdersRPC: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "orders-rpc")

    @Option(help: "Where to listen without a broker; 0 takes a free port.") var port = 4001
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The folder of the database.") var data = "data/orders"
    @OptionGroup var transports: CheckoutTransports
    @Option(help: "Where audit-worker listens.") var audit = ServiceAddress(port: 4002)
    @Option(help: "Where notifications-worker listens.") var notifications = ServiceAddress(port: 4003)

    func run() async throws {
        var clients = [
            transports.audit.client("AUDIT", at: audit),
            transports.notifications.client("NOTIFICATIONS", at: notifications),
        ]
        var settings = OrdersSettings(data: URL(fileURLWithPath: data))
        if let ledger = transports.ledger {
            clients.append(ClientConfig("LEDGER", transport: ledger).timeout(.seconds(2)))
            settings.listeners.append(.ledger)
        }
        let app = try await NestFactory.createMicroservice(
            OrdersModule.self, transport: transports.orders.server(host: host, port: port),
            modules: [ClientsModule.register(clients, isGlobal: true), SettingsModule.with(settings)],
            options: MicroserviceOptions(name: "orders-rpc"))
        try await app.listen()
    }
}
