import ArgumentParser
import CheckoutContracts
import CheckoutTransports
import Foundation
import NestKafka
import NestTesting
import Testing

@testable import audit_worker
@testable import ledger_worker
@testable import notifications_worker
@testable import orders_rpc

@Suite("What carries the messages") struct TransportsTests {
    @Test("is TCP unless brokers are asked for")
    func choice() throws {
        let plain = try CheckoutTransports.parse([])
        let brokers = try CheckoutTransports.parse(["--brokers", "--nats", "nats://nats:4222"])
        func names(_ transports: CheckoutTransports) -> [String] {
            [transports.orders, transports.audit, transports.notifications].map {
                $0.server(host: "127.0.0.1", port: 0).name
            }
        }
        #expect(names(plain) == ["tcp", "tcp", "tcp"])
        #expect(names(brokers) == ["nats", "redis", "rabbitmq"])
        #expect(plain.ledger == nil && brokers.ledger?.name == "kafka")
        let address = ServiceAddress(port: 4_001)
        #expect(plain.orders.client("ORDERS", at: address).transport.name == "tcp")
        let client = brokers.orders.client("ORDERS", at: address)
        #expect(client.transport.name == "nats" && client.timeout == .seconds(2))
    }

    @Test("cannot be both")
    func both() {
        #expect(throws: (any Error).self) { try CheckoutTransports.parse(["--brokers", "--tcp"]) }
    }

    @Test(
        "takes orders over NATS as over TCP, and knows what was ordered when the broker is back",
        .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
    func nats() async throws {
        let broker = try await NatsBroker.started()
        let transports = try CheckoutTransports.parse(["--brokers", "--nats", broker.url])
        try await withFolder { folder in
            let stage = OrdersStage(folder: folder, transport: transports.orders.server(host: "127.0.0.1", port: 0))
            try await stage.run { _, client in
                let order = try await client.send(CreateOrder.book("a"))
                let refused = await #expect(throws: TransportError.self) {
                    try await client.send(CreateOrder.book("a", quantity: 2))
                }
                #expect(refused?.httpStatus == 409)
                await broker.process.kill()
                let lost = await #expect(throws: TransportError.self) { try await client.send(CreateOrder.book("b")) }
                #expect(lost?.httpStatus == 503 || lost?.httpStatus == 504)
                try await broker.process.start()
                let again = try await answered { try await client.send(CreateOrder.book("a")) }
                let other = try await answered { try await client.send(CreateOrder.book("b")) }
                #expect(again == order && other.id == order.id + 1)
            }
            #expect(Set(stage.inbox.events.value.map(\.order.id)).count == 2)
        }
    }

    @Test(
        "audits over Redis what was ordered before the trail was there, once each",
        .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
    func redis() async throws {
        let broker = try await RedisBroker.started(extra: [RedisBroker.flushesAlways])
        let transports = try CheckoutTransports.parse(["--brokers", "--redis", broker.url])
        let client = try ClientProxy(transports.audit.client("AUDIT", at: ServiceAddress(port: 1)))
        let events = (1...20).map { number in
            OrderCreated(
                id: UUID(),
                order: Order(id: number, customer: "ada@example.org", sku: "book", quantity: 1, cents: 2_990))
        }
        for event in events.prefix(10) { try await client.emit(event) }
        try await withFolder { folder in
            let app = try await NestFactory.createMicroservice(
                AuditModule.self, transport: transports.audit.server(host: "127.0.0.1", port: 0),
                modules: [SettingsModule.with(AuditSettings(data: folder))],
                options: MicroserviceOptions(name: "audit-worker"))
            try await app.start()
            for event in events { try await client.emit(event) }
            await broker.process.kill()
            try await broker.process.start()
            for event in events.suffix(10) { try await client.emit(event) }
            let entries = try await eventually(20) {
                try await client.send(ReadAudit(orderID: nil, after: 0, limit: 100))
            }
            #expect(entries.map(\.order.id).sorted() == Array(1...20))
            await app.close()
        }
        await client.close()
    }

    @Test(
        "sends over RabbitMQ a mail for every order, also for those from before the broker was killed",
        .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
    func rabbitMQ() async throws {
        let broker = try await RabbitMQBroker.started()
        let transports = try CheckoutTransports.parse(["--brokers", "--rabbitmq", broker.url])
        let client = try ClientProxy(
            transports.notifications.client("NOTIFICATIONS", at: ServiceAddress(port: 1), timeout: .seconds(60)))
        try await withFolder { folder in
            let settings = SettingsModule.with(NotificationsSettings(data: folder, webhook: nil))
            let first = try await notifications(transports, settings)
            await first.close()
            // A quorum queue that was just declared does not survive the death of its node.
            try await broker.stop()
            try await broker.start()
            let events = (1...20).map { number in
                OrderCreated(
                    id: UUID(),
                    order: Order(id: number, customer: "ada@example.org", sku: "book", quantity: 1, cents: 2_990))
            }
            for event in events.prefix(10) { try await client.emit(event) }
            await broker.process.kill()
            try await broker.start()
            let second = try await notifications(transports, settings)
            for event in events { try await client.emit(event) }
            let mails = try Spool(folder.appendingPathComponent("mail"))
            let expected = Set(events.map { "\($0.id).eml" })
            try await within(.seconds(20), "a mail for every order") {
                while try Set(mails.names()) != expected { await Task.yield() }
            }
            await second.close()
        }
        await client.close()
    }

    @Test(
        "books over Kafka every order once, also those from before the broker was killed",
        .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
    func kafka() async throws {
        let broker = try await KafkaBroker.started(durable: true)
        let transports = try CheckoutTransports.parse(["--brokers", "--kafka", broker.bootstrap])
        let transport = try #require(transports.ledger)
        let client = try ClientProxy(ClientConfig("LEDGER", transport: transport).timeout(.seconds(60)))
        let events = (1...20).map { number in
            OrderCreated(
                id: UUID(),
                order: Order(id: number, customer: "ada@example.org", sku: "book", quantity: 1, cents: number))
        }
        for event in events.prefix(10) { try await client.emit(event, options: CallOptions(key: "\(event.order.id)")) }
        await broker.process.kill()
        try await broker.start()
        try await withFolder { folder in
            let app = try await NestFactory.createMicroservice(
                LedgerModule.self, transport: transport, modules: [SettingsModule.with(LedgerSettings(data: folder))],
                options: MicroserviceOptions(name: "ledger-worker"))
            try await app.start()
            for event in events { try await client.emit(event, options: CallOptions(key: "\(event.order.id)")) }
            let book = try app.get(LedgerBook.self)
            let expected = Dictionary(uniqueKeysWithValues: (1...20).map { ($0, $0) })
            try await within(.seconds(20), "an entry for every order") {
                while try await book.cents() != expected { await Task.yield() }
            }
            await app.close()
        }
        await client.close()
    }

    private func notifications(
        _ transports: CheckoutTransports, _ settings: DynamicModule
    ) async throws -> Microservice {
        let app = try await NestFactory.createMicroservice(
            NotificationsModule.self, transport: transports.notifications.server(host: "127.0.0.1", port: 0),
            modules: [settings], options: MicroserviceOptions(name: "notifications-worker"))
        try await app.start()
        return app
    }

    /// Asks until the trail has so many entries.
    private func eventually(_ count: Int, _ ask: () async throws -> [AuditEntry]) async throws -> [AuditEntry] {
        while true {
            let entries = try await answered(ask)
            if entries.count >= count { return entries }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Both sides connect again by themselves; a call that comes before says so at once.
    private func answered<Value: Sendable>(_ call: () async throws -> Value) async throws -> Value {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await call()
            } catch let error as TransportError where [503, 504].contains(error.httpStatus) && .now < end {
                await Task.yield()
            }
        }
    }
}
