/// What a transport, as configured, promises. The suite in NestTesting asks for them case by case.
public struct Guarantees: OptionSet, Sendable, Hashable {
    /// Bits of the set.
    public let rawValue: Int
    /// A set from its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// An event that `emit` has confirmed survives a restart of the broker or of the consumer.
    public static let durable = Guarantees(rawValue: 1 << 0)
    /// Messages of the same key are handled in the order they were sent.
    public static let orderedPerKey = Guarantees(rawValue: 1 << 1)
    /// Several instances of a service share its messages; each is handled by one of them.
    public static let competingConsumers = Guarantees(rawValue: 1 << 2)
    /// Every group gets each event once.
    public static let groups = Guarantees(rawValue: 1 << 3)
    /// A handler may ask that every instance gets an event.
    public static let broadcast = Guarantees(rawValue: 1 << 4)
    /// A failed event is delivered again, after the delay of the ``DeliveryPolicy``.
    public static let retries = Guarantees(rawValue: 1 << 5)
    /// What cannot be handled is kept where an operator finds it.
    public static let deadLetters = Guarantees(rawValue: 1 << 6)
    /// Replies may be streams.
    public static let streaming = Guarantees(rawValue: 1 << 7)
    /// Events reach a service at all.
    public static let events = Guarantees(rawValue: 1 << 8)
    /// A request for a pattern that nobody serves fails at once with `no_handler` or `no_responders`.
    public static let unknownPatterns = Guarantees(rawValue: 1 << 9)
    /// A client's connections lead to the service itself: there is no broker in between.
    public static let direct = Guarantees(rawValue: 1 << 10)
}

extension Guarantees: CustomStringConvertible {
    private static let names: [(Guarantees, String)] = [
        (.durable, "durable"), (.orderedPerKey, "ordered per key"), (.competingConsumers, "competing consumers"),
        (.groups, "groups"), (.broadcast, "broadcast"), (.retries, "retries"), (.deadLetters, "dead letters"),
        (.streaming, "streaming"), (.events, "events"), (.unknownPatterns, "unknown patterns"),
        (.direct, "direct"),
    ]

    /// The promises by name.
    public var description: String {
        Self.names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
