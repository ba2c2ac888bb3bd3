/// A message that could not be handled, kept for an operator, or a test, to look at.
public struct MemoryDeadLetter: Sendable {
    /// The pattern its sender named.
    public let pattern: String
    /// Its payload.
    public let payload: Payload
    /// Its own headers, and `nest-attempt`, `nest-dead-reason`, `nest-dead-error`, `nest-dead-source`, `nest-dead-at`.
    public let headers: MessageHeaders
    /// Why it is here.
    public let reason: DeadLetter.Reason

    init(_ delivery: MemoryDelivery, _ letter: DeadLetter) {
        pattern = delivery.message.pattern
        payload = delivery.message.payload
        headers = letter.headers(
            adding: delivery.message.headers, source: "\(delivery.queue)", attempt: delivery.message.attempt)
        reason = letter.reason
    }
}
