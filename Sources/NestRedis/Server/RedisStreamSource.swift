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

    var session: RedisSession?
    private var reader: RedisSession.Reader?
    var isAsking = false
    var isStopped = false
    /// Entries to be acknowledged at the end of the turn.
    @exclusivity(unchecked) private var done: [RedisDelivery.ID] = []
    /// Those of them that others may wait for.
    @exclusivity(unchecked) private var finished: [RedisDelivery.ID] = []
    /// Entries that others may have at once.
    private var returned: [RedisDelivery.ID: Int] = [:]
    /// Looks for what the dead have left, or makes the group again.
    var isLooking = false
    /// How many tries of an entry Redis knows of, where they are more than deliveries.
    var told: [RedisDelivery.ID: Int] = [:]
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
        consumer = RedisKeys.newID()
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
        self.reader = reader
        isAsking = false
        isLooking = false
        speak()
        turns.askAgain()
        look()
    }

    func lost() {
        session = nil
        reader = nil
        isAsking = false
        isLooking = false
    }

    /// What was asked for is taken back: Redis answers at once with nothing.
    func stop() {
        isStopped = true
        for held in turns.removeAll() { giveBack(HeldDelivery(held.message, held.delivery)) }
        guard isAsking, let session, let number = reader?.number else { return }
        session.commands.send(["CLIENT", "UNBLOCK", String(number)])
    }

    func leave() {
        guard let session else { return }
        RedisScript.tidy(key, group, idle: intake.options.forgetAfter, leaving: consumer).send(over: session.commands)
    }
}

// MARK: - Reading

extension RedisStreamSource {
    func ask() {
        guard !isAsking, !isStopped, let reader = reader?.connection else { return }
        let room = min(intake.room - turns.count, intake.options.batch)
        guard room > 0 else { return }
        isAsking = true
        let expected = RedisExpected.reply { [weak self, weak reader] in
            guard let self, let reader, self.reader?.connection === reader else { return }
            self.came($0)
        }
        reader.send(expected) { bytes, _ in
            bytes.beginCommand(11)
            bytes.writeArgument("XREADGROUP" as StaticString)
            bytes.writeArgument("GROUP" as StaticString)
            bytes.writeArgument(group)
            bytes.writeArgument(consumer)
            bytes.writeArgument("COUNT" as StaticString)
            bytes.writeArgument(Int64(room))
            bytes.writeArgument("BLOCK" as StaticString)
            bytes.writeArgument(intake.options.blockMilliseconds)
            bytes.writeArgument("STREAMS" as StaticString)
            bytes.writeArgument(key)
            bytes.writeArgument(">" as StaticString)
        }
    }

    private func came(_ result: Result<RedisReply, TransportError>) {
        isAsking = false
        guard case .success(let reply) = result else { return }
        if let error = reply.error { return refused(error) }
        var cursor = reply.cursor
        if cursor.array() == 1, cursor.array() == 2, cursor.text() != nil, let count = cursor.array() {
            let clock = session?.clock ?? RedisClock()
            for _ in 0..<count { take(&cursor, reply, clock) }
            // While this batch is handled Redis looks for the next.
            ask()
        }
        intake.takeAll()
    }

    /// One entry, new to the group.
    @inline(__always)
    private func take(_ cursor: inout RedisCursor, _ reply: RedisReply, _ clock: RedisClock) {
        guard let entry = RedisEntry(&cursor, source: number) else { return }
        lastSeen = entry.id
        take(entry, reply, clock, deliveries: 1)
    }

    func take(_ entry: RedisEntry, _ reply: RedisReply, _ clock: RedisClock, deliveries: Int) {
        guard let body = entry.body else { return refuse(entry, reply, "the entry has no field `m`", deliveries) }
        do throws(EnvelopeError) {
            guard case .message(var message) = try intake.codec.readRequest(reply.bytes, in: body) else {
                return refuse(entry, reply, "a word about a stream is no entry", deliveries)
            }
            message.adopt(entry.headers)
            message.attempt = deliveries
            message.setDeadline(entry.id, clock, isQueue ? intake.options.requestExpiry : nil)
            let isForUs = isForUs(&message)
            guard !isQueue, let key = message.carriedHeaders?[HeaderName.key] else {
                guard isForUs else { return done.append(entry.id) }
                return intake.take(message, RedisDelivery(self, id: entry.id, deliveries: deliveries, key: nil))
            }
            let delivery = RedisDelivery(
                self, id: entry.id, deliveries: deliveries, key: String(RedisSlot.number(of: key)),
                isPassing: !isForUs)
            if !isForUs { intake.hasPassing = true }
            turns.enter(message, delivery, after: message.carriedHeaders?[RedisHeader.previous].flatMap(identify))
        } catch {
            refuse(entry, reply, error.reason, deliveries)
        }
    }

    /// Every group reads every event: what has no handler here, or is another group's, is done with.
    @inline(__always)
    private func isForUs(_ message: inout IncomingMessage) -> Bool {
        guard !isQueue else { return true }
        message.kind = .emit
        message.audience = .group
        if let only = message.carriedHeaders?[RedisHeader.onlyGroup], only != group { return false }
        return intake.plan.shared.covers(message.pattern)
    }

    private func refuse(_ entry: RedisEntry, _ reply: RedisReply, _ reason: String, _ deliveries: Int) {
        var message = IncomingMessage(kind: .emit, pattern: "", payload: .null, headers: [:])
        message.attempt = deliveries
        let delivery = RedisDelivery(
            self, id: entry.id, deliveries: deliveries, key: nil, fields: entry.raw(in: reply))
        intake.take(message, delivery, fault: reason)
    }

    private func refused(_ error: RedisError) {
        guard error.code == "NOGROUP" else {
            // A server that is to be left has been left; anything else would come again at once.
            intake.trouble.note(error)
            isAsking = true
            _ = intake.state.timers.scheduleTask(in: .seconds(1)) { [weak self] in
                self?.isAsking = false
                self?.ask()
            }
            return
        }
        remake()
    }
}

// MARK: - Saying what has become of entries

extension RedisStreamSource {
    func acknowledge(_ held: Held) {
        told[held.delivery.id] = nil
        done.append(held.delivery.id)
        guard held.delivery.key != nil else { return }
        finished.append(held.delivery.id)
        turns.finished(held.delivery.id)
    }

    func buried(_ held: Held) {
        told[held.delivery.id] = nil
        if held.delivery.key != nil { turns.finished(held.delivery.id) }
    }

    /// Others may have it at once; the try that did not come about does not count.
    func giveBack(_ held: Held) {
        told[held.delivery.id] = nil
        returned[held.delivery.id] = max(0, held.message.attempt - 1)
    }

    func speak() {
        guard let commands = session?.commands, !(done.isEmpty && returned.isEmpty) else { return }
        if !done.isEmpty { acknowledge(over: commands) }
        guard !returned.isEmpty else { return }
        for (tries, ids) in Dictionary(grouping: returned, by: \.value) {
            let idle = Int64(intake.options.claimAfter / .milliseconds(1)) + 1
            claim(ids.map(\.key), ["IDLE", String(idle), "RETRYCOUNT", String(tries)], over: commands)
        }
        returned = [:]
        commands.send(["PUBLISH", intake.wakeChannel, "back"])
    }

    /// All at once. What gets no reply is said again over the next connection.
    private func acknowledge(over commands: RedisConnection) {
        let ids = done
        done = []
        commands.send(.reply { [weak self] in self?.acknowledged(ids, $0) }) { bytes, _ in
            bytes.beginCommand(3 + ids.count)
            bytes.writeArgument("XACK" as StaticString)
            bytes.writeArgument(key)
            bytes.writeArgument(group)
            for id in ids { bytes.writeArgument(id) }
        }
        tellOthers(over: commands)
        guard isQueue else { return }
        commands.send(.nothing) { bytes, _ in
            bytes.beginCommand(2 + ids.count)
            bytes.writeArgument("XDEL" as StaticString)
            bytes.writeArgument(key)
            for id in ids { bytes.writeArgument(id) }
        }
    }

    /// After they are acknowledged: who hears it finds them done.
    private func tellOthers(over commands: RedisConnection) {
        for id in finished { commands.send(["PUBLISH", doneChannel(id), id.text]) }
        finished = []
    }

    func doneChannel(_ id: RedisDelivery.ID) -> String { intake.keys.done(group) + id.text }

    private func acknowledged(_ ids: [RedisDelivery.ID], _ result: Result<RedisReply, TransportError>) {
        switch result {
        case .success(let reply): if let error = reply.error { intake.trouble.note(error) }
        case .failure: if done.count < 65_536 { done += ids }
        }
    }

    /// Sets an entry's place among the pending ones, without handling it.
    func claim(_ ids: [RedisDelivery.ID], _ options: [String], over commands: RedisConnection) {
        commands.send(.nothing) { bytes, _ in
            bytes.beginCommand(6 + ids.count + options.count)
            bytes.writeArgument("XCLAIM" as StaticString)
            bytes.writeArgument(key)
            bytes.writeArgument(group)
            bytes.writeArgument(consumer)
            bytes.writeArgument("0" as StaticString)
            for id in ids { bytes.writeArgument(id) }
            for option in options { bytes.writeArgument(option) }
            bytes.writeArgument("JUSTID" as StaticString)
        }
    }

    func bury(
        _ held: Held, _ fields: [(String, ByteBuffer)], _ done: @escaping @Sendable (PendingReplies.Reply) -> Void
    ) -> Bool {
        guard let commands = session?.commands else { return false }
        let dead = intake.keys.dead(intake.plan.group)
        let expected = RedisExpected.reply { done(PendingReplies.Reply($0, "keeping a dead letter")) }
        commands.send(expected) { bytes, _ in
            RedisScript.bury.write(to: &bytes, keys: [key, dead], arguments: 4 + fields.count * 2)
            bytes.writeArgument(group)
            bytes.writeArgument(held.delivery.id)
            bytes.writeArgument(isQueue ? "1" : "0")
            bytes.writeArgument(held.delivery.key == nil ? "" : doneChannel(held.delivery.id))
            for (name, value) in fields {
                bytes.writeArgument(name)
                bytes.writeArgument(value)
            }
        }
        return true
    }
}

extension ByteBuffer {
    @inline(__always)
    mutating func writeArgument(_ id: RedisDelivery.ID) { writeArgument(id.text) }
}

extension IncomingMessage {
    /// What has waited is older: time left counts from when it was sent, by Redis's clock.
    @inline(__always)
    fileprivate mutating func setDeadline(_ id: RedisDelivery.ID, _ clock: RedisClock, _ longest: Duration?) {
        guard deadline != nil || (longest != nil && kind == .send) else { return }
        let now = NIODeadline.now()
        let age = TimeAmount.milliseconds(clock.age(of: Int64(clamping: id.milliseconds), at: now))
        let left = deadline ?? now + TimeAmount(longest ?? .zero)
        deadline = left - age
    }
}
