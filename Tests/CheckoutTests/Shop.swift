import CheckoutContracts
import Foundation
import NestHTTPTesting
import NestMemory

@testable import audit_worker
@testable import checkout_api
@testable import notifications_worker
@testable import orders_rpc

/// The whole system in one process: the same controllers, and a bus in memory for each service instead of TCP.
struct Shop: Sendable {
    let orders: Microservice
    let audit: Microservice
    let notifications: Microservice
    let ordersBus = MemoryBus()
    let auditBus = MemoryBus()
    private let notificationsBus = MemoryBus()

    init(_ folder: URL) async throws {
        orders = try await NestFactory.createMicroservice(
            OrdersModule.self, transport: .memory(ordersBus),
            modules: [
                SettingsModule.with(OrdersSettings(data: folder)),
                ClientsModule.register(
                    [.memory("AUDIT", auditBus), .memory("NOTIFICATIONS", notificationsBus)], isGlobal: true),
            ])
        audit = try await NestFactory.createMicroservice(
            AuditModule.self, transport: .memory(auditBus),
            modules: [SettingsModule.with(AuditSettings(data: folder))])
        notifications = try await NestFactory.createMicroservice(
            NotificationsModule.self, transport: .memory(notificationsBus),
            modules: [SettingsModule.with(NotificationsSettings(data: folder))])
    }

    /// Runs `body` with a client of checkout-api while all four run.
    static func open<Value: Sendable>(_ body: (Shop, HTTPTestClient) async throws -> Value) async throws -> Value {
        try await withFolder { folder in
            let shop = try await Shop(folder)
            for service in [shop.audit, shop.notifications, shop.orders] { try await service.start() }
            let clients = [ClientConfig.memory("ORDERS", shop.ordersBus), .memory("AUDIT", shop.auditBus)]
            let result = await Result {
                let front = TestingModule(APIModule.self, modules: [ClientsModule.register(clients, isGlobal: true)])
                return try await front.withHTTP(.router) { _, client in try await body(shop, client) }
            }
            for service in [shop.orders, shop.notifications, shop.audit] { await service.close() }
            return try result.get()
        }
    }
}
