import CheckoutContracts
import Foundation
import Nest
import NestTesting
import Testing

@testable import notifications_worker

@Suite("notifications-worker") struct NotificationsTests {
    private let event = OrderCreated(
        id: UUID(), order: Order(id: 7, customer: "ada@example.org", sku: "pen", quantity: 2, cents: 300))

    private func withWorker<Value>(
        _ folder: URL, webhook: URL? = nil, _ body: (Microservice, ClientProxy) async throws -> Value
    ) async throws -> Value {
        let module = SettingsModule.with(NotificationsSettings(data: folder, webhook: webhook))
        return try await TestingModule(NotificationsModule.self, modules: [module]).withMicroservice { app, client in
            try await body(app, client)
        }
    }

    private func waiting(in folder: URL) throws -> [String] {
        try Spool(folder.appendingPathComponent("webhooks/waiting")).names()
    }

    @Test("writes one mail for an event, however often it is told")
    func mail() async throws {
        try await withFolder { folder in
            try await withWorker(folder) { _, client in
                for _ in 0..<3 { try await client.send(OrderCreated.pattern, event) }
            }
            let mails = try Spool(folder.appendingPathComponent("mail"))
            #expect(try mails.names() == ["\(event.id).eml"])
            let text = String(decoding: try mails.read("\(event.id).eml"), as: UTF8.self)
            #expect(text.contains("To: ada@example.org\n") && text.contains("2 of pen, 300 cents"))
            #expect(try waiting(in: folder).isEmpty)
        }
    }

    @Test("posts a webhook once, and again only until it is taken")
    func webhook() async throws {
        try await withFolder { folder in
            try await WebhookReceiver.run(refusing: 2) { receiver in
                try await withWorker(folder, webhook: receiver.url) { _, client in
                    try await client.send(OrderCreated.pattern, event)
                    try await receiver.posts.eventually("the webhook is taken") { $0.count == 3 }
                    try await client.send(OrderCreated.pattern, event)
                }
                let posts = receiver.posts.value
                #expect(posts.count == 3 && Set(posts).count == 1)
                #expect(posts[0].contains("\(event.id)"))
            }
        }
    }

    @Test("keeps webhooks for the next start")
    func restart() async throws {
        try await withFolder { folder in
            let nowhere = try #require(URL(string: "http://127.0.0.1:1/"))
            try await withWorker(folder, webhook: nowhere) { _, client in
                try await client.send(OrderCreated.pattern, event)
            }
            #expect(try waiting(in: folder).count == 1)
            _ = try await WebhookReceiver.run { receiver in
                try await withWorker(folder, webhook: receiver.url) { _, _ in
                    try await receiver.posts.eventually("the webhook is sent") { $0.count == 1 }
                }
            }
        }
    }
}
