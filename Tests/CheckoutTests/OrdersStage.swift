import CheckoutContracts
import Foundation
import Nest
import NestTesting

@testable import orders_rpc

/// orders-rpc over its database in `folder`, and one listener for all it tells.
///
/// TCP, not memory: what is told over it has to be confirmed.
struct OrdersStage: Sendable {
    let folder: URL
    /// What leads to it, if not TCP.
    var transport: (any Transport)?
    let inbox = Inbox()

    /// Runs `body` with the service and a client of it, and shuts all of it down.
    func run<Value: Sendable>(_ body: (Microservice, ClientProxy) async throws -> Value) async throws -> Value {
        let listener = try await NestFactory.createMicroservice(
            ListenerModule.self, transport: .tcp(port: 0), modules: [SettingsModule.with(inbox)])
        try await listener.start()
        let address = ServiceAddress(port: listener.endpoints.first?.port ?? 0)
        let place: any Transport = transport ?? TCPTransport(TCPOptions(port: 0))
        let app = try await NestFactory.createMicroservice(
            OrdersModule.self, transport: place,
            modules: [
                ClientsModule.register([address.client("AUDIT"), address.client("NOTIFICATIONS")], isGlobal: true),
                SettingsModule.with(OrdersSettings(data: folder)),
            ])
        try await app.start()
        let way: any Transport = transport ?? TCPTransport(TCPOptions(port: app.endpoints.first?.port ?? 0))
        let client = try ClientProxy(way)
        let result = await Result { try await body(app, client) }
        await client.close()
        await app.close()
        await listener.close()
        return try result.get()
    }
}

@Module(controllers: [Listener.self])
enum ListenerModule {}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

extension CreateOrder {
    /// An order of a book.
    static func book(_ key: String, quantity: Int = 1) -> CreateOrder {
        CreateOrder(key: key, order: NewOrder(customer: "ada@example.org", sku: "book", quantity: quantity))
    }
}
