import CNats
import Logging
import NIOCore

/// The kept events of one server: asks the stream for them, and tells it what became of each.
///
/// No more is asked for than there are places, so other instances get the rest. An event that is being handled, or
/// waits behind one of its key, is reported as under way; one that is to be tried again goes back to the stream, or
/// waits here when it has a key, so that those after it do not overtake it.
///
/// Touched on the loop only.
final class KeptIntake {
    private let options: JetStreamOptions
    private let group: String
    private let policy: DeliveryPolicy
    private let codec = NestCodec()
    private unowned let intake: ServerIntake

    /// Where deliveries come; another one for each connection, so that what an old one asked for goes nowhere.
    private(set) var inbox = NatsInbox(prefix: "_INBOX")
    private var nextInbox: NatsInbox?
    /// Which events the group's consumer is asked for.
    private var filter = ConsumerFilter.everything
    /// Deliveries that were asked for and have not come.
    private var asked = 0
    private var lastHeard = NIODeadline.now()
    private var isRecovering = false
    private var beat: RepeatedTask?

    /// What waits, the keys in order.
    private var lanes = KeyLanes<IncomingMessage>()
    /// Everything taken and not settled, by its number in the stream.
    private var open: [UInt64: IncomingMessage] = [:]
    /// Those that wait here for their next try.
    private var resting: Set<UInt64> = []
    /// Answers to the stream that found no connection.
    private var unsent: [(subject: String, word: String)] = []
    private static let maxUnsent = 65_536

    /// Dead letters on their way, until the stream for them has confirmed them.
    private var letters: [UInt64: (message: IncomingMessage, deadline: NIODeadline)] = [:]
    private var lastLetter: UInt64 = 0
    /// How many events of the stream wait behind the last one that came.
    private(set) var lag: UInt64 = 0

    init(options: JetStreamOptions, group: String, policy: DeliveryPolicy, inboxPrefix: String, _ intake: ServerIntake)
    {
        self.options = options
        self.group = group
        self.policy = policy
        self.intake = intake
        inbox = NatsInbox(prefix: inboxPrefix)
    }

    var waitingCount: Int { lanes.count }
    /// True when nothing is under way.
    var isIdle: Bool { open.isEmpty && letters.isEmpty }
}

// MARK: - Its connection

extension KeptIntake {
    /// Where the deliveries of the next connection come, once it is there.
    func renewInbox(_ filter: ConsumerFilter) -> NatsInbox {
        self.filter = filter
        let inbox = NatsInbox(prefix: intake.options.inboxPrefix)
        nextInbox = inbox
        return inbox
    }

    /// Asks from now on.
    func begin() {
        if let nextInbox { inbox = nextInbox }
        asked = 0
        lastHeard = .now()
        let all = unsent
        unsent = []
        for answer in all { say(answer.word, on: answer.subject) }
        guard beat == nil else { return }
        let pause = TimeAmount(min(options.ackWait / 3, options.idleHeartbeat))
        beat = intake.timers.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak intake] _ in
            guard let intake else { return }
            intake.loop.execute { intake.kept?.keepAlive() }
        }
    }

    /// The connection is gone, and with it what was asked for. What is being handled goes on.
    func lost() { asked = 0 }

    /// Gives everything back that has not begun, and asks for nothing more.
    func stop() {
        for message in lanes.removeAll() { giveBack(message) }
        for number in resting { if let message = open[number] { giveBack(message) } }
        resting = []
    }

    /// Gives everything back.
    func close() {
        stop()
        for message in open.values { giveBack(message) }
        beat?.cancel()
        beat = nil
    }

    private func giveBack(_ message: IncomingMessage) {
        guard let delivery = message.delivery, open.removeValue(forKey: delivery.sequence) != nil else { return }
        say("-NAK", about: message)
    }
}

// MARK: - Asking

extension KeptIntake {
    /// Asks for as many as there are places, once half of them are free.
    func ask() {
        guard intake.phase == .open, !isRecovering, let connection = intake.connection else { return }
        let room = min(intake.maxInFlight - intake.inFlight - lanes.count, 4_096)
        guard room > asked, asked <= room / 2 else { return }
        let request = JetStreamWire.PullRequest(
            batch: room - asked, expires: 30_000_000_000, idle_heartbeat: options.idleHeartbeat.nanoseconds)
        guard let body = try? Payload(encoding: request) else { return }
        asked = room
        lastHeard = .now()
        let subject = "$JS.API.CONSUMER.MSG.NEXT.\(options.stream).\(group)"
        _ = body.withBytes { body in inbox.withSubject(0) { connection.publish(body, to: subject, reply: $0) } }
    }

    /// What the stream says about what was asked for.
    func hear(_ status: String, _ pending: String?) {
        lastHeard = .now()
        switch status {
        case "100": break
        case "404", "408": asked = max(0, asked - (pending.flatMap(Int.init) ?? asked))
        default: recover()
        }
    }

    /// Now and then: reports what is under way, notices a stall, gives up on dead letters nobody confirmed.
    private func keepAlive() {
        for message in open.values { say("+WPI", about: message) }
        for (number, letter) in letters where letter.deadline <= .now() { unconfirmed(number) }
        guard asked > 0, lastHeard + TimeAmount(options.idleHeartbeat) * 2 + .seconds(1) < .now() else { return ask() }
        recover()
    }

    /// The consumer, or its leader, is gone: looks after it and asks anew.
    private func recover() {
        guard !isRecovering, intake.phase == .open, let connection = intake.connection else { return }
        isRecovering = true
        asked = 0
        let stream = JetStream(
            options: options, subjects: intake.subjects, connection: connection,
            timeout: intake.options.connectTimeout)
        let (group, loop) = (group, intake.loop)
        intake.logger.info(
            "looking after a consumer", metadata: [LogKey.transport: "nats", LogKey.reason: .string(group)])
        let wanted = intake.wantedFilter
        Task { [intake] in
            _ = try? await stream.provideConsumer(group, wanted)
            loop.execute { intake.kept?.recovered() }
        }
    }

    private func recovered() {
        isRecovering = false
        lastHeard = .now()
        ask()
    }
}

// MARK: - Messages

extension KeptIntake {
    /// A delivery: waits for its turn.
    func take(_ message: IncomingMessage, _ delivery: NatsDelivery) {
        lastHeard = .now()
        asked = max(0, asked - 1)
        lag = delivery.pending
        guard intake.phase == .open else { return say("-NAK", about: message) }
        // The stream had not heard of us for a while, and sends what is being handled once more.
        guard open[delivery.sequence] == nil else { return }
        open[delivery.sequence] = message
        if let reason = delivery.unreadable {
            return settle(intake.dispatcher.malformed(reason), message, delivery)
        }
        // Kept for other groups.
        let isForUs = message.carriedHeaders?[KeptHeader.group].map { $0 == group } ?? true
        guard isForUs else { return done(message, delivery) }
        guard intake.plan.events.covers(message.pattern) else { return leave(message, delivery) }
        guard message.attempt <= policy.maxAttempts else {
            let error = TransportError(.internal, "no try came to an end: a handler may have ended its process")
            return settle(.deadLetter(DeadLetter(.maxAttempts, error)), message, delivery)
        }
        lanes.append(message, key: delivery.key)
    }

    /// No handler wants it. When the consumer is asked for certain events only, one of the group's instances has wanted
    /// it, as in a deployment that is under way: another one gets it, and in the end it is kept aside.
    private func leave(_ message: IncomingMessage, _ delivery: NatsDelivery) {
        guard !filter.subjects.isEmpty else { return done(message, delivery) }
        let error = TransportError(.noHandler, "no handler of this instance takes `\(message.pattern)`")
        guard message.attempt < policy.maxAttempts else {
            return settle(.deadLetter(DeadLetter(.noHandler, error)), message, delivery)
        }
        finish(delivery)
        say(#"-NAK {"delay": 1000000000}"#, about: message)
    }

    /// The next one whose turn it is.
    @inline(__always)
    func next() -> IncomingMessage? { lanes.count == 0 ? nil : lanes.takeFirst { _ in true } }

    /// What a delivery came to.
    func settle(_ outcome: Outcome, _ message: IncomingMessage, _ delivery: NatsDelivery) {
        switch outcome {
        case .done, .reply, .stream: done(message, delivery)
        case .retry(let delay, _): retry(message, delivery, after: delay)
        case .deadLetter(let letter), .replyAndDeadLetter(_, let letter): bury(message, delivery, letter)
        }
    }

    private func done(_ message: IncomingMessage, _ delivery: NatsDelivery) {
        finish(delivery)
        say("+ACK", about: message)
    }

    /// Nothing more is known of it here.
    private func finish(_ delivery: NatsDelivery) {
        open[delivery.sequence] = nil
        lanes.release(key: delivery.key)
    }

    private func retry(_ message: IncomingMessage, _ delivery: NatsDelivery, after delay: Duration) {
        guard delivery.key != nil, intake.phase == .open else {
            finish(delivery)
            return say(#"-NAK {"delay": \#(delay.nanoseconds)}"#, about: message)
        }
        var again = message
        again.attempt += 1
        open[delivery.sequence] = again
        resting.insert(delivery.sequence)
        let (next, owner) = (again, intake)
        owner.timers.scheduleTask(in: TimeAmount(delay)) { owner.loop.execute { owner.kept?.putBack(next) } }
    }

    private func putBack(_ message: IncomingMessage) {
        guard let delivery = message.delivery, resting.remove(delivery.sequence) != nil else { return }
        lanes.putBack(message)
        intake.pump()
        intake.settle()
    }
}

// MARK: - Dead letters

extension KeptIntake {
    private func bury(_ message: IncomingMessage, _ delivery: NatsDelivery, _ letter: DeadLetter) {
        lastLetter += 1
        let number = lastLetter
        letters[number] = (message, .now() + .seconds(5))
        let source = "\(delivery.stream):\(delivery.sequence)"
        guard publish(letter, message, source, number) else { return unconfirmed(number) }
    }

    /// Keeps a request whose handler failed unexpectedly; its caller has its answer.
    func keep(_ letter: DeadLetter, of message: IncomingMessage) {
        _ = publish(letter, message, intake.subjects.subject(of: Pattern(message.pattern)), nil)
    }

    private func publish(_ letter: DeadLetter, _ message: IncomingMessage, _ source: String, _ number: UInt64?) -> Bool
    {
        guard let connection = intake.connection else { return false }
        var headers = letter.headers(adding: message.headers, source: source, attempt: message.attempt).asNats
        // An id of its own: each group keeps the event once.
        headers[KeptHeader.id] = message.delivery.map { "dead-\(group)-\($0.stream)-\($0.sequence)" }
        var plain = OutgoingMessage(
            pattern: Pattern(message.pattern), payload: message.payload, deadline: .distantFuture)
        plain.ownHeaders = [:]
        var body = ByteBuffer()
        if message.delivery?.unreadable != nil {
            body = message.payload.buffer
        } else {
            codec.write(OutboundRequest(kind: message.kind, message: plain), to: &body)
        }
        let subject = options.deadSubject(of: group)
        let status = body.withUnsafeReadableBytes { body -> natsStatus in
            guard let number else { return connection.publish(body, to: subject, headers: headers) }
            return intake.inbox.withSubject(number, isConfirmation: true) {
                connection.publish(body, to: subject, reply: $0, headers: headers)
            }
        }
        return status == NATS_OK
    }

    /// The stream for dead letters has answered.
    func confirmed(_ number: UInt64, _ reply: PendingReplies.Reply) {
        guard case .success = reply else { return unconfirmed(number) }
        guard let letter = letters.removeValue(forKey: number), let delivery = letter.message.delivery else { return }
        finish(delivery)
        say("+TERM", about: letter.message)
        intake.pump()
        intake.settle()
    }

    /// It could not be kept: the event stays in its stream and comes again.
    private func unconfirmed(_ number: UInt64) {
        guard let letter = letters.removeValue(forKey: number), let delivery = letter.message.delivery else { return }
        finish(delivery)
        say(#"-NAK {"delay": 5000000000}"#, about: letter.message)
    }
}

// MARK: - Words to the stream

extension KeptIntake {
    private func say(_ word: String, about message: IncomingMessage) {
        let status = message.withReplySubject { subject in speak(word, subject) }
        guard status != NATS_OK, word != "+WPI", unsent.count < Self.maxUnsent else { return }
        unsent.append((message.reply ?? "", word))
    }

    private func say(_ word: String, on subject: String) { _ = subject.withCString { speak(word, $0) } }

    private func speak(_ word: String, _ subject: UnsafePointer<CChar>) -> natsStatus {
        guard let connection = intake.connection else { return NATS_CONNECTION_DISCONNECTED }
        var word = word
        return word.withUTF8 { connection.publish(UnsafeRawBufferPointer($0), to: subject) }
    }
}

extension IncomingMessage {
    /// The delivery of a kept event; nil for what came directly.
    var delivery: NatsDelivery? {
        guard let metadata else { return nil }
        return metadata as? NatsDelivery
    }
}

extension MessageHeaders {
    /// The same in lines: what breaks one is a space.
    fileprivate var asNats: MessageHeaders {
        MessageHeaders(
            map { header in
                (
                    header.name,
                    String(String.UnicodeScalarView(header.value.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
                )
            })
    }
}
