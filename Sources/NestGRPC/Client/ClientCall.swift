/// One call, as it is handed to a connection; and to another one, when the first has certainly not begun with it.
struct ClientCall: Sendable {
    enum Kind: Sendable {
        case send
        case emit
        /// Answered with items.
        case stream
    }

    /// Connections that a call is given to before it fails.
    static let attempts = 3

    /// Its number in the table of those that wait.
    let id: UInt64
    let kind: Kind
    let message: OutgoingMessage
    var attempt = 1

    var messageKind: MessageKind { kind == .emit ? .emit : .send }
}
