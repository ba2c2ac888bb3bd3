import CheckoutContracts
import Nest

/// What `checkout-api` needs to be of use.
enum Readiness {
    /// Without orders-rpc there is nothing to offer. Without audit-worker orders are taken all the same: the outbox
    /// keeps what it has to be told.
    static func indicators(_ clients: ClientsService) throws -> [any HealthIndicator] {
        let audit = ClientHealth("audit", try clients.expect("AUDIT"), asking: .auditReady)
        return [
            ClientHealth("orders", try clients.expect("ORDERS"), asking: .ordersReady),
            CustomHealth("audit") {
                let status = try await audit.check()
                return status.state == .down ? .degraded(status.details) : status
            },
        ]
    }
}
