import NIOCore

/// Events that every instance gets: read from the stream by each for itself, from where it began.
///
/// Touched on the intake's loop only.
final class RedisBroadcasts: @unchecked Sendable {
    private unowned let intake: RedisIntake
    private let key: String
    /// The last entry that was read; nil before the first connection.
    private var last: RedisDelivery.ID?
    private var reading = RedisReading()
    private var isStopped = false

    init(_ intake: RedisIntake) {
        self.intake = intake
        key = intake.keys.events
    }

    /// Finds where the stream ends: what comes from now on is ours, also what comes while there is no connection.
    func prepare(_ session: RedisSession) async throws(TransportError) {
        let known = await intake.loop.run { self.last }
        guard known == nil else { return }
        let reply = try await session.commands.ask(
            ["XREVRANGE", key, "+", "-", "COUNT", "1"], "looking for the end of the events",
            within: intake.options.connectTimeout)
        let text = reply.elements.first?.elements.first?.text
        let id = text.flatMap(RedisDelivery.ID.init) ?? RedisDelivery.ID(source: 0, milliseconds: 0, sequence: 0)
        await intake.loop.run { self.last = id }
    }

    func begin(_ reader: RedisSession.Reader) {
        reading.begin(reader)
    }

    func lost() {
        reading.lost()
    }

    func stop() { isStopped = true }

    /// Reads on, as long as not too many wait.
    func ask() {
        let waiting = intake.arrived.count + intake.state.waiting.count
        guard let last, !isStopped, waiting < intake.options.maxWaiting, let reader = reading.ask() else { return }
        let arguments = [
            "XREAD", "COUNT", String(intake.options.batch), "BLOCK", String(intake.options.blockMilliseconds),
            "STREAMS", key, last.text,
        ]
        reader.send(arguments, .reply { [weak self] in self?.came($0) })
    }

    private func came(_ result: Result<RedisReply, TransportError>) {
        let hasOther = reading.came()
        guard case .success(let reply) = result else {
            if hasOther { ask() }
            return
        }
        if let error = reply.error {
            intake.trouble.note(error)
            return pause()
        }
        var cursor = reply.cursor
        if cursor.array() == 1, cursor.array() == 2, cursor.text() != nil, let count = cursor.array() {
            for _ in 0..<count { take(&cursor, reply) }
        }
        intake.takeAll()
    }

    /// An error would come again at once.
    private func pause() {
        reading.rest()
        _ = intake.state.timers.scheduleTask(in: .seconds(1)) { [weak self] in
            self?.reading.came()
            self?.ask()
        }
    }

    private func take(_ cursor: inout RedisCursor, _ reply: RedisReply) {
        guard let entry = RedisEntry(&cursor, source: 0) else { return }
        last = entry.id
        guard let body = entry.body,
            case .message(var message)? = try? intake.codec.readRequest(reply.bytes, in: body),
            intake.plan.broadcasts.covers(message)
        else { return }
        message.kind = .emit
        message.audience = .everyone
        message.adopt(entry.headers(in: reply).all)
        // A try of one group is no business of others.
        guard message.carriedHeaders?[RedisHeader.onlyGroup] == nil else { return }
        intake.arrived.append(message)
    }
}
