import CheckoutContracts
import Nest

/// Books every order.
@Controller
struct Ledger {
    let book: LedgerBook

    @EventPattern(OrderCreated.self)
    func heard(_ event: OrderCreated) async throws { try await book.enter(event) }
}
