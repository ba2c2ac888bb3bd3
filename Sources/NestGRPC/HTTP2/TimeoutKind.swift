/// What a connection is given a time for.
enum TimeoutKind: Int, CaseIterable {
    /// The peer must say that it speaks HTTP/2.
    case handshake
    /// What was written must be taken.
    case write
    /// Calls must come at all.
    case idle
    /// A peer of which nothing is heard is asked.
    case keepalive
    /// It must answer.
    case pong
    /// A handler's caller stops waiting.
    case deadline
    /// Who was told that an end is near must have heard it.
    case farewell
}
