/// What the queues of a service are like. What exists already and is otherwise fails the start with an error that names
/// the queue and the argument; nothing is changed.
public struct RabbitMQQueueOptions: Sendable {
    /// How a queue keeps its messages.
    public enum Kind: String, Sendable {
        /// On several nodes of a cluster, by majority.
        case quorum
        /// On one node. Such a queue does not count deliveries, so what comes again is sent to it once more with the count
        /// in a header; a cut at that moment leaves it there twice.
        case classic
    }

    /// How the broker moves what it gives up, or what waits for its next try, from queue to queue.
    public enum DeadLetterStrategy: String, Sendable {
        /// It may be lost when the target is not there at that moment.
        case atMostOnce = "at-most-once"
        /// The target confirms it first. Quorum queues only; publishing to a full queue is refused then.
        case atLeastOnce = "at-least-once"
    }

    /// Quorum, unless a single node is all there is.
    public var kind = Kind.quorum
    /// How the broker moves messages between quorum queues.
    public var deadLetterStrategy = DeadLetterStrategy.atLeastOnce
    /// After so many deliveries that did not end the broker itself gives a message of a quorum queue up. Ours come
    /// first: the `DeliveryPolicy` has to be content with less.
    public var deliveryLimit = 1_000
    /// Messages the broker sends ahead of their acknowledgements to each consumer; nil: as many as are handled at once.
    public var prefetch: Int?
    /// One instance at a time takes a group's events; another takes over when it is gone. Keeps the events of a key in
    /// order.
    public var singleActiveConsumer = false
    /// How long an event may wait before the broker moves it to the dead letters; nil: for ever.
    public var messageTTL: Duration?
    /// Messages a queue holds; further ones are refused. Nil: any number.
    public var maxLength: Int?
    /// Bytes a queue holds; further ones are refused. Nil: any number.
    public var maxLengthBytes: Int?
    /// Priorities from 0 to this, for classic queues; nil: none. A message has the one of its `CallOptions`.
    public var maxPriority: Int?
    /// The longest a handler may take with a message: then it is cancelled. Less than the broker's own
    /// `consumer_timeout` (30 minutes unless configured), after which that closes the consumer.
    public var maxHandlingTime: Duration = .seconds(25 * 60)
    /// Ends bindings that an earlier version of the service had and no handler asks for any more; false: they are
    /// reported in the log. Mind that instances of the earlier version may still run.
    public var removesStaleBindings = false
    /// Makes exchanges and queues that are not there; false: a queue that is missing is an error.
    public var createsQueues = true

    /// The defaults above.
    public init() {}

    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "RabbitMQ queues: \(what)") }
        }
        try check(deliveryLimit > 0, "deliveryLimit must be positive")
        try check(prefetch.map { (1...65_535).contains($0) } ?? true, "prefetch must be between 1 and 65535")
        try check(messageTTL.map { $0 >= .milliseconds(1) } ?? true, "messageTTL must be a millisecond or more")
        try check(maxLength.map { $0 > 0 } ?? true, "maxLength must be positive")
        try check(maxLengthBytes.map { $0 > 0 } ?? true, "maxLengthBytes must be positive")
        try check(maxPriority.map { (1...255).contains($0) } ?? true, "maxPriority must be between 1 and 255")
        try check(maxPriority == nil || kind == .classic, "quorum queues have no priorities: use classic ones")
        try check(maxHandlingTime >= .seconds(1), "maxHandlingTime must be a second or more")
    }
}
