/// Where a client's answers come.
public enum RedisReplies: Sendable, Hashable {
    /// Over a channel of the client's own, the quickest way. A channel keeps nothing: when the client's connection breaks,
    /// its calls fail with `disconnected` at once.
    case channel
    /// Into a list of the client's own, from which it reads. A call whose request Redis has confirmed waits on while the
    /// client's connection is away, until its deadline: the answer waits in the list. Nobody comes for the answers of a
    /// client that has died; `expiry` after the last of them Redis lets go of the list.
    ///
    /// Streams of replies come over the channel all the same: they need a reader who is there, and end with the
    /// connection. Not with ``RedisMode/pubSub``, whose wire is that of revision 1.
    case list(expiry: Duration = .seconds(60))
}

extension RedisReplies {
    /// How long answers wait; nil over a channel, which keeps none.
    var expiry: Duration? {
        guard case .list(let expiry) = self else { return nil }
        return expiry
    }
}
