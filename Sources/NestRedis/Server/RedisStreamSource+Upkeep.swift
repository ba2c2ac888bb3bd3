import Logging
import NIOCore

/// What others have left, and what Redis has lost.
extension RedisStreamSource {
    /// It rests until its next try: Redis is told how many there were.
    func rest(_ held: Held) { tell(tries: held.message.attempt, held.delivery) }

    private func tell(tries: Int, _ delivery: RedisDelivery) {
        guard tries > told[delivery.id] ?? delivery.deliveries, let commands = session?.commands else { return }
        told[delivery.id] = tries
        claim([delivery.id], ["IDLE", "0", "RETRYCOUNT", String(tries)], over: commands)
    }

    /// Nobody takes over what its consumer says to be alive.
    func keepAlive(_ held: [Held]) {
        turns.lookAgain()
        let ids = held.map(\.delivery.id) + turns.ids
        guard let commands = session?.commands, !ids.isEmpty else { return }
        for held in held where held.message.attempt > 1 { tell(tries: held.message.attempt - 1, held.delivery) }
        var rest = ids[...]
        while !rest.isEmpty {
            claim(Array(rest.prefix(1_000)), ["IDLE", "0"], over: commands)
            rest = rest.dropFirst(1_000)
        }
    }

    /// Takes over what nobody has worked on for so long, and what was given to us in a reply that was lost.
    func look() {
        guard let commands = session?.commands, !isStopped, !isLooking, intake.state.phase == .open else { return }
        breathe(commands)
        let room = min(intake.room, intake.options.batch)
        guard room > 0 else { return tidy(commands) }
        isLooking = true
        let idle = String(Int64(intake.options.claimAfter / .milliseconds(1)))
        commands.send(
            ["XPENDING", key, group, "IDLE", idle, "-", "+", String(room)],
            .reply { [weak self] in self?.found($0, idle: idle) })
        tidy(commands)
    }

    /// Says that we are there: Redis 7.0 does not count reading that finds nothing.
    private func breathe(_ commands: RedisConnection) {
        let time = String(Int64(intake.options.forgetAfter / .milliseconds(1)))
        commands.send(["SET", intake.keys.alive(consumer), "1", "PX", time])
    }

    /// `[id, consumer, idle, deliveries]` for each.
    private func found(_ result: Result<RedisReply, TransportError>, idle: String) {
        guard case .success(let reply) = result else { return isLooking = false }
        if let error = reply.error {
            isLooking = false
            return error.code == "NOGROUP" ? remake() : intake.trouble.note(error)
        }
        var deliveries: [RedisDelivery.ID: Int] = [:]
        for row in reply.elements.map(\.elements) where row.count == 4 {
            guard let id = row[0].text.flatMap(identify), intake.deliveries.open[id] == nil, !turns.contains(id)
            else { continue }
            deliveries[id] = Int(row[3].integer ?? 1)
        }
        guard !deliveries.isEmpty, let commands = session?.commands else { return isLooking = false }
        // The oldest first: what waits for another one finds it here.
        let ids = deliveries.keys.sorted().map(\.text)
        commands.send(
            ["XCLAIM", key, group, consumer, idle] + ids,
            .reply { [weak self, deliveries] in self?.inherited($0, deliveries) })
    }

    func identify(_ text: String) -> RedisDelivery.ID? {
        var text = text
        return text.withUTF8 { RedisDelivery.ID(UnsafeRawBufferPointer($0), source: number) }
    }

    /// Entries that are ours now.
    private func inherited(_ result: Result<RedisReply, TransportError>, _ deliveries: [RedisDelivery.ID: Int]) {
        isLooking = false
        guard case .success(let reply) = result else { return }
        if let error = reply.error { return intake.trouble.note(error) }
        var cursor = reply.cursor
        let (clock, now) = (session?.clock ?? RedisClock(), NIODeadline.now())
        let count = cursor.array() ?? 0
        for _ in 0..<count {
            guard let entry = RedisEntry(&cursor, source: number) else { continue }
            take(entry, reply, clock, now, deliveries: (deliveries[entry.id] ?? 0) + 1, intake)
        }
        if count > 0 {
            intake.state.logger.info(
                "took over what was left unfinished", metadata: [LogKey.transport: "redis", LogKey.reason: "\(key)"])
        }
        intake.takeAll()
        if count == deliveries.count, count > 1 { look() }
    }

    /// The group is gone, perhaps its stream with it.
    func remake() {
        guard let session, !isStopped else { return }
        reading.rest()
        intake.state.logger.warning(
            "a consumer group is gone, making it again",
            metadata: [LogKey.transport: "redis", LogKey.reason: "\(key) \(group)"])
        RedisScript.group(key, group, "0", lastSeen?.text ?? "").send(
            over: session.commands,
            .reply { [weak self, weak session] result in
                guard let self else { return }
                reading.came()
                if case .success(let reply) = result, let error = reply.error, error.code != "BUSYGROUP" {
                    session?.fail(TransportError(redis: error, "making the group `\(group)` again"))
                    return
                }
                ask()
            })
    }

    func tidying(leaving: String = "") -> RedisScript {
        RedisScript.tidy(
            key, group, idle: intake.options.forgetAfter, leaving: leaving, alive: intake.keys.alive(""))
    }

    /// Names of the dead go, and events that all have handled.
    private func tidy(_ commands: RedisConnection) {
        let now = NIODeadline.now()
        guard now >= nextTidying else { return }
        nextTidying = now + TimeAmount(intake.options.claimAfter)
        tidying().send(over: commands)
        if !isQueue { RedisScript.trim(key, keep: intake.options.maxEvents).send(over: commands) }
    }
}

extension RedisStart {
    /// The id after which a group begins.
    var id: String {
        switch self {
        case .now: "$"
        case .beginning: "0"
        case .after(let id): id
        case .time(let milliseconds): milliseconds > 0 ? "\(milliseconds - 1)-\(UInt64.max)" : "0"
        }
    }
}
