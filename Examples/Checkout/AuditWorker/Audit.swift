import CheckoutContracts
import Nest

/// Writes down what happens to orders.
@Controller
actor Audit {
    private var entries: [OrderCreated] = []

    @EventPattern(OrderCreated.self)
    func remember(_ event: OrderCreated) { entries.append(event) }

    @MessagePattern(ListAudit.self)
    func list(_ request: ListAudit) -> [OrderCreated] { Array(entries.suffix(max(0, request.limit))) }
}
