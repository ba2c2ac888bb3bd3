import CheckoutContracts
import Nest
import NestTesting

/// A worker that answers as the test wants: in the place of audit-worker and of notifications-worker.
@Controller
final class Listener: Sendable {
    let inbox: Inbox

    init(inbox: Inbox) { self.inbox = inbox }

    @MessagePattern(OrderCreated.pattern)
    func told(_ event: OrderCreated) async throws { try inbox.take(event) }
}

/// What a ``Listener`` was told.
final class Inbox: Sendable {
    let events = Watched<[OrderCreated]>([])
    /// Tries that were refused.
    let refused = Watched(0)
    /// Thrown at whoever tells something.
    let failure = Watched<TransportError?>(nil)

    func take(_ event: OrderCreated) throws {
        if let failure = failure.value {
            refused.increment()
            throw failure
        }
        events.append(event)
    }
}
