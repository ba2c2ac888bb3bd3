import CheckoutContracts
import Foundation
import Nest

/// Where mails are sent to here: a file each, named after the event that it tells of.
@Injectable
struct MailFolder {
    private let spool: Spool

    init(settings: NotificationsSettings) throws {
        spool = try Spool(settings.data.appendingPathComponent("mail"))
    }

    /// Writes the customer a mail, unless that was done for this event.
    func confirm(_ event: OrderCreated) throws {
        let order = event.order
        let text = """
            Message-ID: <\(event.id)@checkout.example>
            From: orders@checkout.example
            To: \(order.customer)
            Subject: Your order \(order.id)

            Thank you for your order: \(order.quantity) of \(order.sku), \(order.cents) cents in all.

            """
        try spool.add("\(event.id).eml", Data(text.utf8))
    }
}
