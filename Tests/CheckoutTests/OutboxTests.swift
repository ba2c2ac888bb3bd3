import CheckoutContracts
import Nest
import NestTesting
import Testing

@testable import orders_rpc

@Suite("The outbox") struct OutboxTests {
    @Test("tells again until the listener has it, and loses nothing by a restart")
    func retries() async throws {
        try await withFolder { folder in
            let deaf = OrdersStage(folder: folder)
            deaf.inbox.failure.update { $0 = TransportError(.internal, "the disk is full") }
            try await deaf.run { app, client in
                for key in ["a", "b", "c"] { _ = try await client.send(CreateOrder.book(key)) }
                try await deaf.inbox.refused.eventually("some tries") { $0 > 6 }
                let outbox = try app.get(Outbox.self)
                #expect(try await outbox.next(10, for: .audit).map(\.event.order.id) == [1, 2, 3])
                #expect(try await outbox.next(10, for: .notifications).count == 3)
            }
            let hearing = OrdersStage(folder: folder)
            _ = try await hearing.run { _, _ in
                try await hearing.inbox.events.eventually("all are told") { $0.count == 6 }
            }
            #expect(Set(hearing.inbox.events.value.map(\.id)).count == 3)
        }
    }

    @Test("goes on when a listener comes back")
    func comesBack() async throws {
        try await withFolder { folder in
            let stage = OrdersStage(folder: folder)
            stage.inbox.failure.update { $0 = TransportError(.overloaded, "later") }
            try await stage.run { _, client in
                _ = try await client.send(CreateOrder.book("a"))
                try await stage.inbox.refused.eventually("a try") { $0 > 0 }
                stage.inbox.failure.update { $0 = nil }
                try await stage.inbox.events.eventually("both are told") { $0.count == 2 }
            }
        }
    }

    @Test("sets aside what is refused for good, and tells the rest")
    func refusals() async throws {
        try await withFolder { folder in
            let stage = OrdersStage(folder: folder)
            try await stage.run { app, client in
                stage.inbox.failure.update { $0 = TransportError(.rejected, "not this one") }
                _ = try await client.send(CreateOrder.book("a"))
                try await stage.inbox.refused.eventually("both refuse") { $0 == 2 }
                stage.inbox.failure.update { $0 = nil }
                _ = try await client.send(CreateOrder.book("b"))
                let events = try await stage.inbox.events.eventually("the next is told") { $0.count == 2 }
                #expect(events.map(\.order.id) == [2, 2])
            }
            #expect(stage.inbox.refused.value == 2)
        }
    }

    @Test("tells what is left before the service ends")
    func shutdown() async throws {
        try await withFolder { folder in
            let stage = OrdersStage(folder: folder)
            try await stage.run { _, client in
                try await withThrowingDiscardingTaskGroup { group in
                    for number in 0..<200 {
                        group.addTask { _ = try await client.send(CreateOrder.book("\(number)")) }
                    }
                }
            }
            #expect(Set(stage.inbox.events.value.map(\.id)).count == 200)
        }
    }
}
