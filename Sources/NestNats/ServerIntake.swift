import Logging
import NIOCore
import Synchronization

/// The messages of one server, from the library's lists to their answers.
///
/// The messages of one read are served one after another on the loop, those that need a task by a single one that
/// starts there at once; only when a handler suspends another task is started for the rest. All answers of a read leave
/// in one write.
///
/// `@unchecked Sendable`: every member is touched on `loop` only, but for the two counts.
final class ServerIntake: @unchecked Sendable {
    /// A handler that has suspended, and the task that waits in it.
    struct Run {
        let task: Task<Void, Never>
        let message: IncomingMessage
    }

    enum Phase {
        case open
        /// Nothing more is asked for; what comes is served.
        case draining
        case closed
    }

    let loop: NatsLoop
    let dispatcher: MessageDispatcher
    let subjects: NatsSubjects
    let options: NatsOptions
    let logger: Logger
    let trouble: NatsTrouble
    let plan: SubscriptionPlan
    let maxInFlight: Int
    let keepsDeadLetters: Bool
    let codec = NestCodec()
    /// Where readers of streams talk to their writers.
    let inbox: NatsInbox

    var phase = Phase.open
    @exclusivity(unchecked) var connection: NatsConnection?
    @exclusivity(unchecked) var sources: [SubscriptionPlan.Source] = []
    /// Those of them that belong to a connection another one has taken over from.
    var retiring: [SubscriptionPlan.Source] = []
    /// The source that messages are taken from, and how many it has.
    @exclusivity(unchecked) var source = 0
    @exclusivity(unchecked) var left = 0

    /// Messages for which there was no place.
    @exclusivity(unchecked) var waiting = Fifo<IncomingMessage>()
    @exclusivity(unchecked) var waitingBytes = 0
    /// Runs, suspended or not.
    @exclusivity(unchecked) var inFlight = 0
    /// The run that is on the stack, 0 when none is.
    @exclusivity(unchecked) var current = 0
    var lastRun = 0
    @exclusivity(unchecked) var suspended: [Int: Run] = [:]
    /// What the run on the stack serves.
    @exclusivity(unchecked) var served: IncomingMessage?

    @exclusivity(unchecked) var writer: JSONWriter
    @exclusivity(unchecked) var output = ByteBuffer()
    /// Answers that found no connection.
    var unsent: [(message: IncomingMessage, bytes: ByteBuffer)] = []
    var unsentBytes = 0

    /// Kept events; nil without a stream.
    @exclusivity(unchecked) var kept: KeptIntake?

    var streams: [UInt64: OpenStream] = [:]
    var lastStream: UInt64 = 0
    /// Looks after streams that stand still.
    var prober: RepeatedTask?
    let timers: any EventLoop
    /// What waits until nothing is being handled.
    var idlers: [() -> Void] = []

    init(
        loop: NatsLoop, dispatcher: MessageDispatcher, plan: SubscriptionPlan, options: NatsOptions,
        environment: TransportEnvironment, trouble: NatsTrouble
    ) {
        self.loop = loop
        self.dispatcher = dispatcher
        self.plan = plan
        self.options = options
        self.trouble = trouble
        subjects = NatsSubjects(prefix: options.prefix)
        inbox = NatsInbox(prefix: options.inboxPrefix)
        logger = environment.logger
        timers = environment.eventLoopGroup.next()
        maxInFlight = environment.maxInFlight
        keepsDeadLetters = environment.deliveryPolicy.deadLetter == .enabled
        writer = JSONWriter(codec: dispatcher.codec)
        if let jetStream = options.jetStream {
            kept = KeptIntake(
                options: jetStream, group: SubscriptionPlan.consumerName(environment.group),
                policy: environment.deliveryPolicy, inboxPrefix: options.inboxPrefix, self)
        }
    }

    /// Messages being handled, as of the last turn.
    let inFlightCount = Atomic(0)
    /// Messages that wait for a place, as of the last turn.
    let waitingCount = Atomic(0)
}

// MARK: - Its connection

extension ServerIntake {
    /// Takes messages from now on.
    func begin(_ connection: NatsConnection, _ sources: [SubscriptionPlan.Source]) {
        guard phase == .open else { return }
        // One that was up until now has still brought something, and will until it is retired.
        retiring = self.connection == nil ? [] : self.sources
        self.connection?.socket.isPaused = false
        self.connection = connection
        self.sources = sources + retiring
        connection.socket.afterRead = { [unowned self] in takeAll() }
        sendUnsent()
        if plan.keptGroup != nil { kept?.begin() }
        takeAll()
    }

    /// The connection is gone. Handlers go on: their callers may be there over another server.
    func lost(_ lost: NatsConnection) {
        guard connection === lost else { return }
        connection = nil
        sources = retiring
        kept?.lost()
        for stream in streams.values { cancel(stream) }
    }

    /// Another connection has taken over: what this one was sent before is served, then it closes.
    func retire(_ connection: NatsConnection, within limit: Duration) async {
        let subscriptions = await loop.run { self.retiring.map(\.subscription) }
        await connection.retire(subscriptions, within: limit)
        await loop.run {
            self.takeAll()
            self.sources.removeAll { source in subscriptions.contains { $0 === source.subscription } }
            self.retiring = []
        }
    }

    /// What was just read is served.
    func takeAll() {
        source = 0
        left = 0
        pump()
        settle()
    }

    /// While too much waits to be written nothing more is read.
    private func watchRoom() {
        guard let connection else { return }
        let isFull = !connection.hasRoom && phase == .open
        defer { connection.socket.isPaused = isFull }
        guard isFull, !connection.socket.isPaused else { return }
        connection.whenRoomy { [weak self] in self?.settle() }
    }

    /// After a turn: what others want to know of it, and whether more may be read.
    func settle() {
        inFlightCount.store(inFlight, ordering: .relaxed)
        waitingCount.store(waiting.count, ordering: .relaxed)
        watchRoom()
        if plan.keptGroup != nil { kept?.ask() }
        guard inFlight == 0, waiting.isEmpty, !idlers.isEmpty, kept?.isIdle ?? true else { return }
        let all = idlers
        idlers = []
        for body in all { body() }
    }
}
