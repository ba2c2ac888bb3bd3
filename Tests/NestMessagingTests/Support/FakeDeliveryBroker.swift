import NIOCore
import NIOEmbedded

@testable import NestMessaging

/// One delivery of a broker that is none.
final class FakeDelivery: BrokerDelivery {
    let id: Int
    let key: String?

    init(_ id: Int, key: String? = nil) {
        self.id = id
        self.key = key
    }
}

/// A transport's side of deliveries that notes what it is told. Handlers are the test: it takes what has its turn by
/// `pullDelivery()` and says by `settle` what became of it.
final class FakeDeliveryBroker: DeliveryIntake, @unchecked Sendable {
    typealias Delivery = FakeDelivery

    let state: IntakeState
    let deliveries: DeliveryState<FakeDelivery>
    let clock = EmbeddedEventLoop()
    /// What was said, in order.
    var said: [String] = []
    /// What retries come to.
    var retries = DeliveryRetry.handedBack
    /// There is somebody to store dead letters.
    var isUp = true
    private(set) var tickets: [UInt64] = []
    /// What stored dead letters say about the last try.
    private(set) var storedAttempts: [Int] = []
    var canStream: Bool { true }

    /// Without places nothing begins by itself. With a dispatcher its handlers are those of the test, else there are none.
    init(
        policy: DeliveryPolicy = DeliveryPolicy(maxAttempts: 3), maxInFlight: Int = 0, maxHeld: Int = 100,
        keepAlive: Duration? = nil, dispatcher: MessageDispatcher? = nil
    ) {
        let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let settlement = Settlement(
            transport: "fake", guarantees: [.events, .retries, .deadLetters], policy: policy, logger: quiet,
            metrics: nil)
        state = IntakeState(
            transport: "fake", loop: InlineLoop(), timers: clock,
            dispatcher: dispatcher ?? MessageDispatcher(routes: [], settlement: settlement, codec: JSONCodec()),
            limits: IntakeLimits(maxInFlight: maxInFlight), logger: quiet)
        deliveries = DeliveryState(DeliverySettings(policy: policy, keepAlive: keepAlive, maxHeld: maxHeld))
    }

    func pull() -> IncomingMessage? { nil }

    func writeReply(to message: IncomingMessage) { said.append("answer \(message.pattern)") }

    func write(_ response: OutboundResponse, to message: IncomingMessage, stream: UInt64?) {
        guard message.kind == .send else { return }
        said.append("reply \(message.pattern)")
    }

    func acknowledge(_ delivery: FakeDelivery, _ message: IncomingMessage, as end: DeliveryEnd) {
        said.append("\(end == .handled ? "ack" : "buried") \(delivery.id)")
    }

    func giveBack(_ held: Held) { said.append("back \(held.delivery.id)") }

    func retry(_ held: Held, after delay: Duration, ticket: UInt64) -> DeliveryRetry {
        tickets.append(ticket)
        said.append("retry \(held.delivery.id) after \(delay)")
        return retries
    }

    func store(_ letter: DeadLetter, of held: Held, ticket: UInt64) -> Bool {
        tickets.append(ticket)
        storedAttempts.append(held.message.attempt)
        said.append("store \(held.delivery.id) \(letter.reason.rawValue) \(letter.error.message)")
        return isUp
    }

    func keepAlive(_ held: [Held]) { said.append("alive \(held.map(\.delivery.id).sorted())") }
}

extension FakeDeliveryBroker {
    @discardableResult
    func deliver(_ id: Int, key: String? = nil, attempt: Int = 1, kind: MessageKind = .emit) -> FakeDelivery {
        let delivery = FakeDelivery(id, key: key)
        var message = kind == .emit ? IncomingMessage.emit("m\(id)") : .send("m\(id)")
        message.attempt = attempt
        take(message, delivery)
        return delivery
    }

    /// The id of the next one whose turn it is.
    func begin() -> Int? { beginMessage().flatMap { delivery(of: $0)?.id } }

    func beginMessage() -> IncomingMessage? { pullDelivery() }

    /// What the handler of a delivery has come to.
    func end(_ outcome: Outcome, _ delivery: FakeDelivery, kind: MessageKind = .emit) {
        let message = deliveries.open[delivery.id]?.message ?? (kind == .emit ? .emit("gone") : .send("gone"))
        settle(outcome, message, delivery)
    }

    /// What was said since the last time.
    func heard() -> [String] {
        defer { said = [] }
        return said
    }
}
