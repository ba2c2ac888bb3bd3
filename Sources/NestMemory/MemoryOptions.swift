/// The bounds of a ``MemoryBus``.
public struct MemoryOptions: Sendable {
    /// Messages that wait for a service or a group; beyond it senders get ``TransportError/Code/overloaded``.
    public var maxWaiting = 10_000
    /// Calls of one client that wait for their replies; beyond it, `overloaded` too.
    public var maxPending = 100_000
    /// Dead letters kept; the oldest go first.
    public var maxDeadLetters = 1_000
    /// Items of a streaming reply that may be on their way.
    public var streamWindow = 64

    /// The defaults above.
    public init() {}

    func validate() throws(TransportError) {
        guard maxWaiting > 0, maxPending > 0, maxDeadLetters > 0, streamWindow > 0 else {
            throw TransportError(.invalidConfiguration, "the bounds of a memory bus must be positive")
        }
    }
}
