import Logging
import NIOCore

/// One stream, read by a consumer of a group: the requests of a queue, or events.
///
/// What was read stays in the group's list of pending entries until it is acknowledged, while it rests before another
/// try as well: whoever takes it over after our death finds it there with the number of its tries. No more is asked for
/// than there are places, so other instances get the rest.
///
/// Touched on the intake's loop only.
final class RedisStreamSource: RedisSource, @unchecked Sendable {
    typealias Held = HeldDelivery<RedisDelivery>

    let key: String
    let group: String
    /// Acknowledged entries are deleted: nobody else reads them.
    let isQueue: Bool
    let number: UInt8
    /// Our name in the group.
    let consumer: String
    unowned let intake: RedisIntake
    let words: RedisStreamWords

    @exclusivity(unchecked) var session: RedisSession?
    @exclusivity(unchecked) var reading = RedisReading()
    @exclusivity(unchecked) var isStopped = false
    /// Entries to be acknowledged at the end of the turn.
    @exclusivity(unchecked) var done: [RedisDelivery.ID] = []
    /// Those of them that others may wait for.
    @exclusivity(unchecked) var finished: [RedisDelivery.ID] = []
    /// Entries that others may have at once.
    @exclusivity(unchecked) var returned: [RedisDelivery.ID: Int] = [:]
    /// Looks for what the dead have left, or makes the group again.
    var isLooking = false
    /// How many tries of an entry Redis knows of, where they are more than deliveries.
    @exclusivity(unchecked) var told: [RedisDelivery.ID: Int] = [:]
    /// The last entry that was new to us.
    @exclusivity(unchecked) var lastSeen: RedisDelivery.ID?
    /// Keeps the order of keys.
    private(set) lazy var turns = RedisTurns(self)
    /// When dead consumers are let go of next.
    var nextTidying = NIODeadline.distantPast

    private init(
        key: String, group: String, isQueue: Bool, number: UInt8, _ intake: RedisIntake
    ) {
        self.key = key
        self.group = group
        self.isQueue = isQueue
        self.number = number
        self.intake = intake
        consumer = UniqueName.new()
        words = RedisStreamWords(
            key: key, group: group, consumer: consumer, blockMilliseconds: intake.options.blockMilliseconds)
    }

    /// The requests of a service: one group for all its instances.
    convenience init(requestsOf queue: String, number: UInt8, _ intake: RedisIntake) {
        self.init(key: intake.keys.requests(queue), group: queue, isQueue: true, number: number, intake)
    }

    /// The events, for one group of many.
    convenience init(eventsFor group: String, number: UInt8, _ intake: RedisIntake) {
        self.init(key: intake.keys.events, group: group, isQueue: false, number: number, intake)
    }
}

// MARK: - Its connection

extension RedisStreamSource {
    var isAsking: Bool { reading.isAsking }

    /// A group begins where it is told to when it is new. One that is gone goes on where it was, in the same stream; in
    /// another one, because Redis has lost its data, all is new. A queue's requests wait for their service.
    func prepare(_ session: RedisSession, isAgain: Bool) async throws(TransportError) {
        let start = isQueue || isAgain ? "0" : intake.options.start.id
        let last = await intake.loop.run { self.lastSeen?.text ?? "" }
        let action = "making the group `\(group)` of `\(key)`"
        let replies = try await session.commands.replies(
            to: [RedisScript.group(key, group, start, last).command], action, within: intake.options.connectTimeout)
        if let error = replies.first?.error, error.code != "BUSYGROUP" { throw TransportError(redis: error, action) }
        guard last.isEmpty else { return }
        // Who may not read is told now, instead of being ready for nothing.
        _ = try await session.commands.ask(
            ["XREADGROUP", "GROUP", group, consumer, "COUNT", "1", "STREAMS", key, "0"], "reading `\(key)`",
            within: intake.options.connectTimeout)
    }

    func begin(_ session: RedisSession, _ reader: RedisSession.Reader) {
        self.session = session
        reading.begin(reader)
        speak()
        turns.askAgain()
        look()
    }

    func lost() {
        session = nil
        reading.lost()
        isLooking = false
    }

    /// What was asked for is taken back: Redis answers at once with nothing.
    func stop() {
        isStopped = true
        for held in turns.removeAll() { giveBack(HeldDelivery(held.message, held.delivery)) }
        guard isAsking, let session, let number = reading.reader?.number else { return }
        // Who may not do that waits until it has come.
        session.commands.send(["CLIENT", "UNBLOCK", String(number)], .reply { _ in })
    }

    func leave() {
        guard let session else { return }
        session.commands.send(["DEL", intake.keys.alive(consumer)])
        tidying(leaving: consumer).send(over: session.commands)
    }
}
