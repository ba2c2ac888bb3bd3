import CheckoutContracts
import Nest

/// Tells the customer, and whoever has a webhook, of an order.
@Controller
struct Notifications {
    let mails: MailFolder
    let webhooks: WebhookQueue

    @Blocking @EventPattern(OrderCreated.self)
    func heard(_ event: OrderCreated) throws { try notify(event) }

    /// The same for one who waits until it is done, where nobody in between keeps events.
    @Blocking @MessagePattern(OrderCreated.pattern)
    func told(_ event: OrderCreated) throws { try notify(event) }

    private func notify(_ event: OrderCreated) throws {
        try mails.confirm(event)
        try webhooks.add(event)
    }
}
