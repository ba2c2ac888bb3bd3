/// What the sender wants.
public enum MessageKind: Sendable, Hashable {
    /// A request: the sender waits for a reply.
    case send
    /// An event: nobody waits.
    case emit
}
