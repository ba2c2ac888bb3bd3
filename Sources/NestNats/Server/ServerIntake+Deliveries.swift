import CNats
import NIOCore

/// What becomes of kept events, in the stream's words.
extension ServerIntake {
    private static let maxUnsaid = 65_536

    /// A delivery of the stream. Everything in it is an event, whatever its reply subject looks like.
    func keep(_ message: inout IncomingMessage) {
        message.kind = .emit
        message.audience = .group
        let fault = message.payloadRange.start == 0 ? message.fault : nil
        let key = message.carriedHeaders?[HeaderName.key]
        guard let puller, let delivery = delivery(puller, message, key, isReadable: fault == nil) else { return }
        message.attempt = delivery.deliveries
        puller.came(delivery)
        guard fault == nil else { return take(message, delivery, fault: fault) }
        // Kept for other groups.
        let isForUs = message.carriedHeaders?[KeptHeader.group].map { $0 == puller.group } ?? true
        guard isForUs else { return say("+ACK", about: message) }
        guard plan.events.covers(message) else { return leave(message, delivery, puller) }
        takeNow(message, delivery)
    }

    @inline(__always)
    private func delivery(
        _ puller: JetStreamPull, _ message: IncomingMessage, _ key: String?, isReadable: Bool
    ) -> NatsDelivery? {
        message.frame.withUnsafeReadableBytes { bytes in
            let subject = UnsafeRawBufferPointer(rebasing: bytes[message.replyRange.start..<message.replyRange.end])
            return NatsDelivery(
                subject, of: puller.options.stream, to: puller.group, key: key, isReadable: isReadable)
        }
    }

    /// No handler wants it. When the consumer is asked for certain events only, one of the group's instances has wanted
    /// it, as in a deployment that is under way: another one gets it, and in the end it is kept aside.
    private func leave(_ message: IncomingMessage, _ delivery: NatsDelivery, _ puller: JetStreamPull) {
        guard !puller.filter.subjects.isEmpty else { return say("+ACK", about: message) }
        guard message.attempt >= deliveries.settings.policy.maxAttempts else {
            return say(#"-NAK {"delay": 1000000000}"#, about: message)
        }
        let error = TransportError(.noHandler, "no handler of this instance takes `\(message.pattern)`")
        bury(message, delivery, DeadLetter(.noHandler, error))
    }

    func acknowledge(_ delivery: NatsDelivery, _ message: IncomingMessage, as end: DeliveryEnd) {
        say(end == .handled ? "+ACK" : "+TERM", about: message)
    }

    func giveBack(_ held: Held) { say("-NAK", about: held.message) }

    func retry(_ held: Held, after delay: Duration, ticket: UInt64) -> DeliveryRetry {
        say(#"-NAK {"delay": \#(delay.nanoseconds)}"#, about: held.message)
        return .handedBack
    }

    func keepAlive(_ held: [Held]) {
        for held in held { say("+WPI", about: held.message) }
        puller?.watch()
    }

    // MARK: Words

    private func say(_ word: String, about message: IncomingMessage) {
        let status = message.withReplySubject { subject in speak(word, subject) }
        guard status != NATS_OK, word != "+WPI", unsaid.count < Self.maxUnsaid else { return }
        unsaid.append((message.reply ?? "", word))
    }

    private func speak(_ word: String, _ subject: UnsafePointer<CChar>) -> natsStatus {
        guard let connection else { return NATS_CONNECTION_DISCONNECTED }
        var word = word
        return word.withUTF8 { connection.publish(UnsafeRawBufferPointer($0), to: subject) }
    }

    /// There is a connection again.
    func sendUnsaid() {
        let all = unsaid
        unsaid = []
        for answer in all { _ = answer.subject.withCString { speak(answer.word, $0) } }
    }
}

extension IncomingMessage {
    /// Why the payload is no JSON; nil when it is.
    fileprivate var fault: String? {
        do throws(TransportError) {
            _ = try Payload(json: slice(payloadRange))
            return nil
        } catch {
            return error.message
        }
    }
}
