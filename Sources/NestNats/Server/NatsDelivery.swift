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
    @usableFromInline package let key: String?
    /// False for what is no message we understand.
    let isReadable: Bool

    /// Reads the subject that a delivery is acknowledged on; nil for any other.
    init?(_ subject: UnsafeRawBufferPointer, key: String?, isReadable: Bool) {
        // With a domain and an account in front of the stream, or without.
        let dots = subject.reduce(0) { $1 == UInt8(ascii: ".") ? $0 + 1 : $0 }
        guard dots >= 8 else { return nil }
        var tokens = SubjectTokens(subject)
        guard tokens.next().elementsEqual("$JS".utf8), tokens.next().elementsEqual("ACK".utf8) else { return nil }
        if dots >= 10 { tokens.skip(2) }
        let (stream, consumer) = (tokens.next(), tokens.next())
        guard let deliveries = tokens.number(), let sequence = tokens.number() else { return nil }
        // The number for the consumer, and the time.
        tokens.skip(2)
        guard let pending = tokens.number() else { return nil }
        self.stream = String(decoding: stream, as: UTF8.self)
        self.consumer = String(decoding: consumer, as: UTF8.self)
        self.sequence = sequence
        self.deliveries = Int(clamping: deliveries)
        self.pending = pending
        self.key = key
        self.isReadable = isReadable
    }
}

extension NatsDelivery: BrokerDelivery {
    @usableFromInline package var id: UInt64 { sequence }
}

/// The tokens of a subject, one after another; empty ones behind the last.
private struct SubjectTokens {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ subject: UnsafeRawBufferPointer) { rest = subject[...] }

    mutating func next() -> Slice<UnsafeRawBufferPointer> {
        let token = rest.prefix { $0 != UInt8(ascii: ".") }
        rest = rest[token.endIndex...].dropFirst()
        return token
    }

    mutating func skip(_ count: Int) {
        for _ in 0..<count { _ = next() }
    }

    /// The next one as a number; nil when it is none.
    mutating func number() -> UInt64? {
        let token = next()
        guard !token.isEmpty else { return nil }
        var number: UInt64 = 0
        for byte in token {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
