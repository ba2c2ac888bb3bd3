import NIOCore

/// What a ``DeliveryIntake`` keeps in mind.
///
/// `@unchecked Sendable`: touched on the intake's loop only.
@usableFromInline
package final class DeliveryState<Delivery: BrokerDelivery>: @unchecked Sendable {
    @usableFromInline package typealias Held = HeldDelivery<Delivery>

    @usableFromInline package let settings: DeliverySettings
    /// Everything that was taken and is not settled.
    @exclusivity(unchecked) @usableFromInline package var open: [Delivery.ID: Held] = [:]
    /// What waits for its turn.
    @exclusivity(unchecked) @usableFromInline package var lanes = KeyLanes<Held>()
    /// Deliveries on their way elsewhere.
    var tickets: [UInt64: Held] = [:]
    var lastTicket: UInt64 = 0
    var beat: RepeatedTask?

    package init(_ settings: DeliverySettings) { self.settings = settings }

    /// Those that wait for their turn.
    package var waitingCount: Int { lanes.count }

    /// The delivery while it is held and is this one: another delivery may have its id by now.
    @inlinable
    func held(_ delivery: Delivery) -> Held? {
        guard let held = open[delivery.id], held.delivery === delivery else { return nil }
        return held
    }

    /// Nothing more is known of it here; the next one of its key may go on.
    @inlinable
    func forget(_ held: Held) {
        open.removeValue(forKey: held.delivery.id)
        if held.isInLane { lanes.release(key: held.delivery.key) }
    }

    func nextTicket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }
}
