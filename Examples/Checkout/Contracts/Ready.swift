package import Nest

extension Pattern {
    /// Asks `orders-rpc` whether it is at work: a connection tells that of a broker, not of a service behind it.
    package static let ordersReady: Pattern = "orders.ready"
    /// Asks `audit-worker` the same.
    package static let auditReady: Pattern = "audit.ready"
}
