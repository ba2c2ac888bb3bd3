import CheckoutContracts
import Foundation
import Nest
import Synchronization

/// Webhooks that still have to be sent, in files: a restart forgets none.
@Injectable
final class WebhookQueue: Sendable {
    /// One POST to be.
    struct Webhook: Sendable {
        /// The event's id, so that the receiver can tell a repeated one.
        var id: String
        var body: Data
    }

    let url: URL?
    let bell = Bell()
    private let waiting: Spool
    private let sent: Spool
    /// What is waiting and what was sent change together: a repeated event must not come between.
    private let changing = Mutex(())

    init(settings: NotificationsSettings) throws {
        url = settings.webhook
        let folder = settings.data.appendingPathComponent("webhooks")
        waiting = try Spool(folder.appendingPathComponent("waiting"))
        sent = try Spool(folder.appendingPathComponent("sent"))
    }

    /// Adds the event, unless it was added before. Nothing is kept when there is nobody to send it to.
    func add(_ event: OrderCreated) throws {
        let name = "\(event.id).json"
        guard url != nil else { return }
        let body = try Data(Payload(encoding: event).description.utf8)
        try changing.withLock { _ in
            if !sent.has(name) { try waiting.add(name, body) }
        }
        bell.ring()
    }

    func all() throws -> [Webhook] {
        try waiting.names().map { name in
            Webhook(id: String(name.dropLast(".json".count)), body: try waiting.read(name))
        }
    }

    /// It has arrived.
    func finish(_ webhook: Webhook) throws {
        let name = "\(webhook.id).json"
        try changing.withLock { _ in
            try sent.add(name, Data())
            try waiting.remove(name)
        }
    }
}
