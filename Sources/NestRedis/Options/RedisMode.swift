/// How messages travel over Redis.
public enum RedisMode: Sendable, Hashable {
    /// Requests and events are entries of streams, read by consumer groups: they survive restarts and the death of a
    /// consumer, failed events come again, and what cannot be handled becomes a dead letter.
    case streams
    /// Requests and events are elements of lists, each moved into its consumer's own list while it is handled. As durable
    /// as streams, without their order per key over retries and without replay.
    case lists
    /// Publish and subscribe, the wire of revision 1: at most once, to everybody who listens at the moment.
    case pubSub
}
