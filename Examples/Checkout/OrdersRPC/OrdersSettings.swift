import Foundation

/// What `orders-rpc` is told at start.
struct OrdersSettings: Sendable {
    /// Where the database lies.
    var data: URL
    /// Who is told of orders.
    var listeners: [Outbox.Listener] = [.audit, .notifications]
}
