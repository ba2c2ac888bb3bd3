import ArgumentParser
import Nest

@Module(providers: [OrderStore.self], controllers: [Orders.self])
enum OrdersModule {}

/// `orders-rpc`: answers `orders.create`, `orders.get` and `orders.all`.
@main struct OrdersRPC: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "orders-rpc")

    @Option(help: "Where to listen; 0 takes a free port.") var port = 4001
    @Option(help: "Where audit-worker listens.") var auditPort = 4002

    func run() async throws {
        let app = try await NestFactory.createMicroservice(
            OrdersModule.self, transport: .tcp(port: port),
            modules: [ClientsModule.register([.tcp("AUDIT", port: auditPort)], isGlobal: true)],
            options: MicroserviceOptions(name: "orders-rpc"))
        try await app.listen()
    }
}
