import CheckoutContracts
import Foundation
import Nest
import NestTesting
import Testing

@testable import audit_worker

@Suite("audit-worker") struct AuditTests {
    private func event(_ order: Int) -> OrderCreated {
        OrderCreated(
            id: UUID(), order: Order(id: order, customer: "ada@example.org", sku: "pen", quantity: 1, cents: 150))
    }

    private func withWorker<Value>(_ folder: URL, _ body: (ClientProxy) async throws -> Value) async throws -> Value {
        let module = SettingsModule.with(AuditSettings(data: folder))
        return try await TestingModule(AuditModule.self, modules: [module]).withMicroservice { _, client in
            try await body(client)
        }
    }

    @Test("writes every event down once, however often it is told")
    func once() async throws {
        try await withFolder { folder in
            let event = event(1)
            try await withWorker(folder) { client in
                for _ in 0..<3 { try await client.send(OrderCreated.pattern, event) }
                let entries = try await client.send(ReadAudit(limit: 10))
                #expect(entries.count == 1)
                let entry = try #require(entries.first)
                #expect(entry.number == 1 && entry.event == "order.created" && entry.eventID == event.id)
                #expect(entry.order == event.order && entry.recordedAt.hasSuffix("Z"))
            }
        }
    }

    @Test("hears events that nobody waits for")
    func events() async throws {
        try await withFolder { folder in
            try await withWorker(folder) { client in
                try await client.emit(event(1))
                let end = ContinuousClock.now + .seconds(10)
                while try await client.send(ReadAudit(limit: 10)).isEmpty {
                    try #require(.now < end, "the event was not heard")
                }
            }
        }
    }

    @Test("reads back by order, page by page, and after a restart")
    func reading() async throws {
        try await withFolder { folder in
            try await withWorker(folder) { client in
                for order in [1, 2, 1, 3] { try await client.send(OrderCreated.pattern, event(order)) }
            }
            try await withWorker(folder) { client in
                let ofOne = try await client.send(ReadAudit(orderID: 1, limit: 10))
                let page = try await client.send(ReadAudit(after: 1, limit: 2))
                #expect(ofOne.map(\.number) == [1, 3] && page.map(\.order.id) == [2, 1])
            }
        }
    }
}
