/// One delivery of a kept event, as JetStream numbers it. A handler finds it by
/// `context.metadata(as: NatsDelivery.self)`.
public final class NatsDelivery: Sendable {
    /// The stream that keeps the event.
    public let stream: String
    /// The consumer it came through: the group.
    public let consumer: String
    /// The event's number in the stream.
    public let sequence: UInt64
    /// How often it has been delivered, this time included.
    public let deliveries: Int
    /// Events of the stream that wait behind it.
    public let pending: UInt64
    /// Messages of the same key wait for each other.
    package let key: String?
    /// False for what is no message we understand.
    let isReadable: Bool

    /// Reads the subject that a delivery is acknowledged on; nil for any other.
    init?(_ subject: UnsafeRawBufferPointer, key: String?, isReadable: Bool) {
        let tokens = subject.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // With a domain and an account in front of the stream, or without.
        let first = tokens.count >= 11 ? 4 : 2
        guard tokens.count >= 9, tokens[0].elementsEqual("$JS".utf8), tokens[1].elementsEqual("ACK".utf8) else {
            return nil
        }
        func number(_ index: Int) -> UInt64? { UInt64(String(decoding: tokens[index], as: UTF8.self)) }
        guard let deliveries = number(first + 2), let sequence = number(first + 3), let pending = number(first + 6)
        else {
            return nil
        }
        stream = String(decoding: tokens[first], as: UTF8.self)
        consumer = String(decoding: tokens[first + 1], as: UTF8.self)
        self.sequence = sequence
        self.deliveries = Int(clamping: deliveries)
        self.pending = pending
        self.key = key
        self.isReadable = isReadable
    }
}

extension NatsDelivery: BrokerDelivery {
    package var id: UInt64 { sequence }
}
