import CheckoutContracts
import Nest

/// Writes down what happens to orders.
@Controller
struct Audit {
    let trail: AuditTrail

    @EventPattern(OrderCreated.self)
    func heard(_ event: OrderCreated) async throws { try await trail.record(event) }

    /// The same for one who waits until it is written down, where nobody in between keeps events.
    @MessagePattern(OrderCreated.pattern)
    func told(_ event: OrderCreated) async throws { try await trail.record(event) }

    @MessagePattern(ReadAudit.self)
    func read(_ request: ReadAudit) async throws -> [AuditEntry] { try await trail.entries(request) }

    @MessagePattern(Pattern.auditReady)
    func ready() {}
}
