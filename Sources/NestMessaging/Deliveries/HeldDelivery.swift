/// A delivery that was taken and is not settled, its message, and where it stands. There is one for each delivery, and
/// everybody who has to do with it has that one: messages are large to copy.
///
/// `@unchecked Sendable`: touched on the intake's loop only.
@usableFromInline
package final class HeldDelivery<Delivery: BrokerDelivery>: @unchecked Sendable {
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

    @exclusivity(unchecked) @usableFromInline package internal(set) var message: IncomingMessage
    @usableFromInline package let delivery: Delivery
    @exclusivity(unchecked) @usableFromInline package internal(set) var stage = Stage.here
    /// It holds its key, for which others wait.
    @usableFromInline let isInLane: Bool

    /// Makes the delivery the message's ``IncomingMessage/metadata``.
    @inlinable
    package init(_ message: consuming IncomingMessage, _ delivery: Delivery, isInLane: Bool = false) {
        message.metadata = delivery
        self.message = message
        self.delivery = delivery
        self.isInLane = isInLane
    }
}
