import CheckoutContracts
import Nest

/// What an order has to be like.
enum OrderRules {
    private static let cents = ["book": 2_990, "desk": 24_900, "pen": 150]

    /// What the order costs. Throws for one that is not taken, with the field in the details.
    static func price(of request: CreateOrder) throws(HTTPException) -> Int {
        let order = request.order
        try check((1...200).contains(request.key.utf8.count), "key", "an idempotency key has between 1 and 200 bytes")
        try check((1...10_000).contains(order.quantity), "quantity", "quantity must be between 1 and 10,000")
        try check(isAddress(order.customer), "customer", "customer must be an e-mail address")
        guard let price = cents[order.sku] else { throw refusal("sku", "this article is not sold") }
        return price * order.quantity
    }

    /// Throws when the order that was made for this key is not the one that is asked for now.
    static func check(_ made: Order, isFor request: CreateOrder) throws(HTTPException) {
        let order = NewOrder(customer: made.customer, sku: made.sku, quantity: made.quantity)
        guard order == request.order else {
            throw HTTPException.conflict("the idempotency key was used for another order")
        }
    }

    private static func check(_ holds: Bool, _ field: String, _ message: String) throws(HTTPException) {
        guard holds else { throw refusal(field, message) }
    }

    private static func refusal(_ field: String, _ message: String) -> HTTPException {
        .unprocessable(message).details(["field": field])
    }

    /// Enough of one for a line of a mail's head.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }
}
