/// Who waits for the reply to a command. Replies come in the order of their commands.
enum RedisExpected: Sendable {
    /// What a reply means to a call that waits.
    enum Meaning: Sendable {
        /// It waits for another message; an error settles it. With `isIdle` nothing is to be known of its entry's id
        /// before that message comes.
        case sent(isIdle: Bool)
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
    /// The same, for somebody who is in no hurry.
    case later(@Sendable (Result<RedisReply, TransportError>) -> Void)

    /// Nobody waits for the one reply.
    static var nothing: RedisExpected { .silent(1) }

    /// How many bytes the reply has at least, where nobody is in a hurry for it; nil where somebody is. An error has more.
    var idleBytes: Int? {
        switch self {
        case .silent(let number): number * Self.shortest
        case .later: Self.shortest
        case .call(_, .sent(isIdle: true)): Self.shortestID
        case .call, .reply: nil
        }
    }

    /// `:1`, and the end of its line.
    static let shortest = 4
    /// `$15`, an id such as `1700000000000-0`, and the ends of their lines.
    private static let shortestID = 22
}
