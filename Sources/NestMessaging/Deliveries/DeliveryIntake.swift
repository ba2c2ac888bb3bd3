/// A ``MessageIntake`` for what a durable broker delivers: keeps each delivery until it is settled, exactly once.
///
/// Deliveries of a key are handled in order. What is to be tried again goes back to the broker, or rests here: what has
/// a key always does, so that those behind it do not overtake it. A dead letter is stored first and settled when that is
/// confirmed; until then storing is tried again, with what the handler has said.
///
/// The transport calls ``take(_:_:fault:)`` for each delivery, or ``takeNow(_:_:fault:)``; ``confirm(_:_:)`` when the broker
/// has confirmed what was stored, ``handBackWaiting()`` when it drains, ``handBackAll()`` when it closes, and
/// ``withdraw(where:)`` when deliveries are not its own any more.
@usableFromInline
package protocol DeliveryIntake: MessageIntake {
    associatedtype Delivery: BrokerDelivery
    typealias Held = HeldDelivery<Delivery>

    /// What the machinery keeps in mind; a stored `let`.
    var deliveries: DeliveryState<Delivery> { get }

    /// It is done with, or kept as a dead letter: the broker forgets it. A request's reply was written before.
    func acknowledge(_ delivery: Delivery, _ message: IncomingMessage, as end: DeliveryEnd)
    /// It has not been handled, and is not going to be: the broker may deliver it anew, now.
    func giveBack(_ held: Held)
    /// Has the broker deliver it again after a while, as the next attempt. ``DeliveryRetry`` says how that stands; what is
    /// confirmed is confirmed after this has returned.
    func retry(_ held: Held, after delay: Duration, ticket: UInt64) -> DeliveryRetry
    /// Stores a dead letter; ``confirm(_:_:)`` says later, under the ticket, whether it is stored. False: nothing was sent.
    /// The message's attempt is the last that there was, never more than the policy allows.
    func store(_ letter: DeadLetter, of held: Held, ticket: UInt64) -> Bool
    /// Comes at the interval of ``DeliverySettings/keepAlive`` with everything that is under way.
    func keepAlive(_ held: [Held])
    /// Keeps a request that did not come as a delivery among the dead letters; its caller has its answer.
    func keep(_ letter: DeadLetter, of message: IncomingMessage)
}

/// How a delivery ended.
@usableFromInline
package enum DeliveryEnd: Sendable {
    case handled
    case deadLetter
}

/// What became of handing a delivery back for a later try.
@usableFromInline
package enum DeliveryRetry: Sendable {
    /// The broker has it: it is not ours any more, and is not acknowledged.
    case handedBack
    /// A copy was sent to where it waits; once ``DeliveryIntake/confirm(_:_:)`` says so, the delivery is acknowledged.
    case sent
    /// The broker cannot; it rests here meanwhile.
    case refused
}

extension DeliveryIntake {
    package func keepAlive(_ held: [Held]) {}
    package func retry(_ held: Held, after delay: Duration, ticket: UInt64) -> DeliveryRetry { .refused }
    package func keep(_ letter: DeadLetter, of message: IncomingMessage) {}

    @inlinable package var isQuiet: Bool { deliveries.open.isEmpty }

    /// The delivery of a message; nil for what came in another way.
    @inlinable
    package func delivery(of message: IncomingMessage) -> Delivery? {
        guard let metadata = message.metadata else { return nil }
        return metadata as? Delivery
    }
}
