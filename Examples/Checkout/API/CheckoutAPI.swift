import ArgumentParser
import CheckoutContracts
import CheckoutTransports
import Nest

/// `checkout-api`: what the public sees.
@main struct CheckoutAPI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "checkout-api")

    @Option(help: "Where to listen; 0 takes a free port.") var port = 3000
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @OptionGroup var transports: CheckoutTransports
    @Option(help: "Where orders-rpc listens, without a broker.") var orders = ServiceAddress(port: 4001)
    @Option(help: "Where audit-worker listens.") var audit = ServiceAddress(port: 4002)
    @Option(help: "Seconds to go on serving at shutdown, for load balancers to notice.") var drainSeconds = 0

    func run() async throws {
        let clients = [
            transports.orders.client("ORDERS", at: orders), transports.audit.client("AUDIT", at: audit),
        ]
        let app = try await NestFactory.create(
            APIModule.self, modules: [ClientsModule.register(clients, isGlobal: true)], options: options)
        try app.enableHealthCheck("/health/live")
        try app.enableReadinessCheck("/health/ready", Readiness.indicators(app.get(ClientsService.self)))
        try await app.listen()
    }

    /// A request may take a little longer than the calls it makes.
    private var options: HTTPOptions {
        var options = HTTPOptions(name: "checkout-api", host: host, port: port)
        options.requestTimeout = .seconds(5)
        options.maxBodySize = 16 << 10
        options.drainDelay = .seconds(drainSeconds)
        return options
    }
}
