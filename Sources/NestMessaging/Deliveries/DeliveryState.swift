import NIOCore

/// What a ``DeliveryIntake`` keeps in mind.
///
/// `@unchecked Sendable`: touched on the intake's loop only.
@usableFromInline
package final class DeliveryState<Delivery: BrokerDelivery>: @unchecked Sendable {
    @usableFromInline package typealias Held = HeldDelivery<Delivery>

    /// Where a delivery stands.
    @usableFromInline
    package enum Stage {
        /// It waits for its turn, or is being handled.
        case here
        /// It waits for its next try.
        case resting
        /// It goes elsewhere; under this ticket it is confirmed that it is there.
        case leaving(UInt64, Parcel)
        /// It could not be stored, and is tried again after a while.
        case pausing
        /// It is not ours any more, but its handler still runs.
        case withdrawn
    }

    /// What goes elsewhere.
    @usableFromInline
    package enum Parcel {
        case letter(DeadLetter, failures: Int)
        case retry(after: Duration)
    }

    @usableFromInline
    package struct Open {
        @usableFromInline package var held: Held
        @usableFromInline package var stage: Stage
        /// It holds its key, for which others wait.
        @usableFromInline package var isInLane: Bool

        @inlinable
        init(held: Held, stage: Stage, isInLane: Bool) {
            self.held = held
            self.stage = stage
            self.isInLane = isInLane
        }
    }

    @usableFromInline package let settings: DeliverySettings
    /// Everything that was taken and is not settled.
    @exclusivity(unchecked) @usableFromInline package var open: [Delivery.ID: Open] = [:]
    /// What waits for its turn.
    @exclusivity(unchecked) @usableFromInline package var lanes = KeyLanes<IncomingMessage>()
    /// Deliveries on their way elsewhere.
    var tickets: [UInt64: Delivery.ID] = [:]
    var lastTicket: UInt64 = 0
    var beat: RepeatedTask?

    package init(_ settings: DeliverySettings) { self.settings = settings }

    /// Those that wait for their turn.
    package var waitingCount: Int { lanes.count }

    /// The delivery's place, while it is here and is this one: another delivery may have its id by now.
    @inlinable
    func place(of delivery: Delivery) -> Open? {
        guard let open = open[delivery.id], open.held.delivery === delivery else { return nil }
        return open
    }

    /// Nothing more is known of it here; the next one of its key may go on.
    @inlinable
    func forget(_ open: Open) {
        self.open[open.held.delivery.id] = nil
        if open.isInLane { lanes.release(key: open.held.delivery.key) }
    }

    func nextTicket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }
}
