/// Who waits for the reply to a command. Replies come in the order of their commands.
enum RedisExpected: Sendable {
    /// What a reply means to a call that waits.
    enum Meaning: Sendable {
        /// It waits for another message; an error settles it.
        case sent
        /// Any reply settles it.
        case stored
        /// Any reply settles it but -1: it is to be stored again in a moment.
        case spread
        /// It waits for another message; with no receivers it waits in vain.
        case received
    }

    /// Nobody, for so many replies in a row; an error is reported.
    case silent(Int)
    /// A call of the connection's owner.
    case call(UInt64, Meaning)
    /// Somebody, on the connection's loop.
    case reply(@Sendable (Result<RedisReply, TransportError>) -> Void)

    /// Nobody waits for the one reply.
    static var nothing: RedisExpected { .silent(1) }
}
