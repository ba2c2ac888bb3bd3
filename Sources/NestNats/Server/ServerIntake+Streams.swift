import CNats
import NIOCore

/// What streams need of NATS: each item says where we listen to its reader.
extension ServerIntake {
    var canStream: Bool { connection != nil }

    func waitForRoom() async {
        guard let connection, !connection.hasRoom else { return }
        await withUnsafeContinuation { continuation in connection.whenRoomy { continuation.resume() } }
    }

    /// What a reader says, or the server about a reader that is gone. Comes on a thread of the library.
    func hear(_ message: borrowing NatsMessage, in inbox: NatsInbox) {
        guard let number = inbox.number(in: message.subject) else {
            guard let number = inbox.confirmed(in: message.subject)?.number else { return }
            return hear(message, aboutLetter: number)
        }
        if message.isNoResponders { return loop.execute { self.tell(.cancel, number) } }
        let frame = ByteBuffer(bytes: message.body)
        let range = ByteRange(0, frame.readableBytes)
        guard case .control(let control, _)? = try? codec.readRequest(frame, in: range) else { return }
        loop.execute { self.tell(control, number) }
    }

    /// What the stream of dead letters says about one of them.
    private func hear(_ message: borrowing NatsMessage, aboutLetter number: UInt64) {
        guard let stream = options.jetStream?.deadStream else { return }
        let said =
            message.isNoResponders
            ? .failure(JetStreamConfirmation.noStream) : JetStreamConfirmation.read(message.body, of: stream)
        guard let reply = said?.map({ _ in Payload.null }) else { return }
        loop.execute { self.confirm(number, reply) }
    }

    /// The reader is sent an empty message, which the server answers for one that is gone.
    func probe(_ stream: UInt64, of message: IncomingMessage) {
        guard let connection else { return }
        message.withReplySubject { subject in
            inbox.withSubject(stream) {
                _ = connection.publish(UnsafeRawBufferPointer(start: nil, count: 0), to: subject, reply: $0)
            }
        }
    }
}

extension IncomingMessage {
    /// Lends the subject of the answer as C wants it: a zero stands behind it.
    @inline(__always)
    func withReplySubject<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result? {
        guard !replyRange.isEmpty else { return nil }
        return frame.withUnsafeReadableBytes { frame in
            frame[replyRange.start...].withMemoryRebound(to: CChar.self) { $0.baseAddress.map(body) }
        }
    }
}
