import Logging
import NIOCore

/// Asks the stream for the kept events of one server.
///
/// No more is asked for than there are places, so other instances get the rest. Touched on the loop only.
final class JetStreamPull {
    let options: JetStreamOptions
    let group: String
    private unowned let intake: ServerIntake

    /// Where deliveries come; another one for each connection, so that what an old one asked for goes nowhere.
    private(set) var inbox: NatsInbox
    private var nextInbox: NatsInbox?
    /// Which events the group's consumer is asked for.
    private(set) var filter = ConsumerFilter.everything
    /// Deliveries that were asked for and have not come.
    private var asked = 0
    private var lastHeard = NIODeadline.now()
    /// Looks after the consumer; nil while that is not needed.
    private(set) var recovery: Task<Void, Never>?
    /// How many events of the stream wait behind the last one that came.
    private(set) var lag: UInt64 = 0

    init(_ options: JetStreamOptions, group: String, _ intake: ServerIntake) {
        self.options = options
        self.group = group
        self.intake = intake
        inbox = NatsInbox(prefix: intake.options.inboxPrefix)
    }

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
    }

    /// The connection is gone, and with it what was asked for.
    func lost() { asked = 0 }

    /// A delivery has come.
    func came(_ delivery: NatsDelivery) {
        lastHeard = .now()
        asked = max(0, asked - 1)
        lag = delivery.pending
    }

    /// Asks for as many as there are places, once half of them are free.
    func ask() {
        guard recovery == nil, let connection = intake.connection else { return }
        let room = min(intake.room, 4_096)
        guard room > asked, asked <= room / 2 else { return }
        let request = JetStreamWire.PullRequest(
            batch: room - asked, expires: 30_000_000_000, idle_heartbeat: options.idleHeartbeat.nanoseconds)
        guard let body = try? Payload(encoding: request) else { return }
        asked = room
        lastHeard = .now()
        let subject = "$JS.API.CONSUMER.MSG.NEXT.\(options.stream).\(group)"
        _ = body.withBytes { body in inbox.withSubject(0) { connection.publish(body, to: subject, reply: $0) } }
    }
}

// MARK: - The consumer

extension JetStreamPull {
    /// What the stream says about what was asked for.
    func hear(_ status: String, _ pending: String?) {
        lastHeard = .now()
        switch status {
        case "100": break
        case "404", "408": asked = max(0, asked - (pending.flatMap(Int.init) ?? asked))
        default: recover()
        }
    }

    /// Now and then: notices a stall.
    func watch() {
        guard asked > 0, lastHeard + TimeAmount(options.idleHeartbeat) * 2 + .seconds(1) < .now() else { return ask() }
        recover()
    }

    /// The consumer, or its leader, is gone: looks after it and asks anew.
    private func recover() {
        guard recovery == nil, intake.state.phase == .open, let connection = intake.connection else { return }
        asked = 0
        let stream = JetStream(
            options: options, subjects: intake.subjects, connection: connection,
            timeout: intake.options.connectTimeout)
        intake.state.logger.info(
            "looking after a consumer", metadata: [LogKey.transport: "nats", LogKey.reason: .string(group)])
        let wanted = intake.wantedFilter
        recovery = Task { [intake, group] in
            _ = try? await stream.provideConsumer(group, wanted)
            await intake.loop.run { intake.puller?.recovered() }
        }
    }

    private func recovered() {
        recovery = nil
        lastHeard = .now()
        ask()
    }
}
