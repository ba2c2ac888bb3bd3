/// The messages of one server, from the broker's library to their answers. A transport's class conforms, says where
/// messages come from and how answers are written, and gets the machinery.
///
/// The messages of one read are served one after another on the loop, those that need a task by a single one that
/// starts there at once; only when a handler suspends another task is started for the rest. So all answers of a read
/// can leave in one write.
///
/// Everything here is called on the loop. The transport calls ``takeAll()`` when something has been read.
@usableFromInline
package protocol MessageIntake: AnyObject, Sendable {
    /// What the machinery keeps in mind; a stored `let`.
    var state: IntakeState { get }

    // MARK: What comes

    /// The next message that has come, whether or not there is a place for it: those of a broker that asks nobody.
    func pull() -> IncomingMessage?
    /// The next message that is taken only when there is a place for it. See ``DeliveryIntake``.
    func pullDelivery() -> IncomingMessage?
    /// An event had to be dropped: too many messages wait.
    func dropped(_ message: IncomingMessage)

    // MARK: What leaves

    /// Writes the reply that stands in `state.writer`; does nothing for an event.
    func writeReply(to message: IncomingMessage)
    /// Writes a reply, or an item or the end of a stream. `stream` is its number, to tell the reader where it is heard;
    /// nil for a reply. Does nothing for an event, or when nobody can be reached.
    func write(_ response: OutboundResponse, to message: IncomingMessage, stream: UInt64?)
    /// A reply was written that needed no task: the message is done.
    func replied(to message: IncomingMessage)
    /// Carries out what a message came to, once for each. A stream has been sent then, and comes as `.done`.
    func carryOut(_ outcome: Outcome, _ message: IncomingMessage)
    /// False while the items of streams would reach nobody; they are dropped then.
    var canStream: Bool { get }
    /// Returns when the connection takes more items.
    func waitForRoom() async
    /// Nothing was sent to this reader for a while: finds out whether it is still there.
    func probe(_ stream: UInt64, of message: IncomingMessage)

    // MARK: Around it

    /// After each turn: asks the broker for more, pauses reading.
    func afterTurn()
    /// True when nothing else is under way than handlers.
    var isQuiet: Bool { get }
    /// The server ends while the caller waits: tells it.
    func giveUp(_ message: IncomingMessage, _ error: TransportError)
}

extension MessageIntake {
    @inlinable package func pullDelivery() -> IncomingMessage? { nil }
    @inlinable package func replied(to message: IncomingMessage) {}
    package func dropped(_ message: IncomingMessage) {}
    package func probe(_ stream: UInt64, of message: IncomingMessage) {}
    package func waitForRoom() async {}
    @inlinable package func afterTurn() {}
    @inlinable package var isQuiet: Bool { true }

    /// Without anything that is kept, what would be delivered again is done with once its caller knows.
    @inlinable
    package func carryOut(_ outcome: Outcome, _ message: IncomingMessage) {
        switch outcome {
        case .reply(let response), .replyAndDeadLetter(let response, _):
            write(.reply(response), to: message, stream: nil)
        case .done, .retry, .deadLetter, .stream: return
        }
    }

    package func giveUp(_ message: IncomingMessage, _ error: TransportError) {
        write(.reply(.failure(error)), to: message, stream: nil)
    }
}
