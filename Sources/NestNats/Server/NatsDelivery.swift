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

    /// Reads the subject that a delivery is acknowledged on; nil for any other. The names of the stream and the consumer
    /// that it was asked of need not be made anew.
    init?(_ subject: UnsafeRawBufferPointer, of asked: String, to group: String, key: String?, isReadable: Bool) {
        // With a domain and an account in front of the stream, or without.
        var dots = 0
        for byte in subject where byte == UInt8(ascii: ".") { dots &+= 1 }
        guard dots >= 8 else { return nil }
        var tokens = SubjectTokens(subject)
        guard tokens.next(is: "$JS"), tokens.next(is: "ACK") else { return nil }
        if dots >= 10 { tokens.skip(2) }
        let (stream, consumer) = (tokens.next(), tokens.next())
        guard let deliveries = tokens.number(), let sequence = tokens.number() else { return nil }
        // The number for the consumer, and the time.
        tokens.skip(2)
        guard let pending = tokens.number() else { return nil }
        self.stream = Self.text(stream, asked)
        self.consumer = Self.text(consumer, group)
        self.sequence = sequence
        self.deliveries = Int(clamping: deliveries)
        self.pending = pending
        self.key = key
        self.isReadable = isReadable
    }

    @inline(__always)
    private static func text(_ token: UnsafeRawBufferPointer, _ usual: String) -> String {
        let isUsual = usual.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).elementsEqual(token) }
        return isUsual == true ? usual : String(decoding: token, as: UTF8.self)
    }
}

extension NatsDelivery: BrokerDelivery {
    @usableFromInline package var id: UInt64 { sequence }
}

/// The tokens of a subject, one after another; empty ones behind the last.
private struct SubjectTokens {
    private static let dot = UInt8(ascii: ".")
    private let subject: UnsafeRawBufferPointer
    private var at = 0

    init(_ subject: UnsafeRawBufferPointer) { self.subject = subject }

    @inline(__always)
    mutating func next() -> UnsafeRawBufferPointer {
        let start = min(at, subject.count)
        var end = start
        while end < subject.count, subject[end] != Self.dot { end &+= 1 }
        at = end &+ 1
        return UnsafeRawBufferPointer(rebasing: subject[start..<end])
    }

    /// True when the next one is this.
    @inline(__always)
    mutating func next(is token: StaticString) -> Bool {
        let bytes = UnsafeRawBufferPointer(start: token.utf8Start, count: token.utf8CodeUnitCount)
        return next().elementsEqual(bytes)
    }

    @inline(__always)
    mutating func skip(_ count: Int) {
        for _ in 0..<count { _ = next() }
    }

    /// The next one as a number; nil when it is none.
    @inline(__always)
    mutating func number() -> UInt64? {
        let token = next()
        guard !token.isEmpty else { return nil }
        var number: UInt64 = 0
        for byte in token {
            let digit = byte &- UInt8(ascii: "0")
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard digit < 10, !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
