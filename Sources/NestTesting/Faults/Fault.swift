/// What a ``FaultProxy`` does to connections.
public enum Fault: Sendable, Hashable {
    /// Which way bytes go.
    public enum Direction: Sendable, Hashable, CaseIterable {
        /// From the client to the server.
        case toServer
        /// From the server to the client.
        case toClient
    }

    /// Nothing: bytes go through as they come.
    case pass
    /// Bytes arrive so much later, in order.
    case delay(Duration)
    /// Each connection is closed once so many bytes have gone through it in a direction, counted from now.
    case cutAfter(bytes: Int, Direction)
    /// Bytes, and the end of a connection, are swallowed in both directions; connections stay open.
    case halfOpen
    /// Connections that are open are reset (RST) now, later ones as soon as they are accepted.
    case reset
    /// Of what goes in a direction, so many bytes are read in each interval.
    case slowReader(Direction, bytes: Int, every: Duration)
    /// Nothing is read of what goes in a direction: the sender's buffers fill up.
    case stalled(Direction)
    /// New connections are refused, as if nobody listened. Those that are open go on.
    case refuse
}
