import NIOCore

/// From entries to deliveries.
extension RedisStreamSource {
    func ask() {
        guard !isAsking, !isStopped else { return }
        let room = min(intake.room - turns.count, intake.options.batch)
        guard room > 0, let reader = reading.ask() else { return }
        let expected = RedisExpected.reply { [weak self] in self?.came($0) }
        reader.send(expected) { bytes, _ in words.read(room, to: &bytes) }
        // What came behind it would wait as long as it does.
        if intake.voice === reader { intake.voice = nil }
    }

    private func came(_ result: Result<RedisReply, TransportError>) {
        let hasOther = reading.came()
        guard case .success(let reply) = result else {
            if hasOther { ask() }
            return
        }
        if let error = reply.error { return refused(error) }
        var cursor = reply.cursor
        if cursor.array() == 1, cursor.array() == 2, cursor.text() != nil, let count = cursor.array() {
            let (clock, now) = (session?.clock ?? RedisClock(), NIODeadline.now())
            let intake = intake
            // One that ends does not wait for what its readers were told.
            if intake.state.phase == .open { intake.voice = reading.reader?.connection }
            for _ in 0..<count {
                guard let entry = RedisEntry(&cursor, source: number) else { continue }
                lastSeen = entry.id
                take(entry, reply, clock, now, deliveries: 1, intake)
            }
        }
        intake.takeAll()
        intake.voice = nil
    }

    /// One entry. `intake` is handed on: to ask for it each time would cost.
    func take(
        _ entry: RedisEntry, _ reply: RedisReply, _ clock: RedisClock, _ now: NIODeadline, deliveries: Int,
        _ intake: RedisIntake
    ) {
        guard let body = entry.body else { return refuse(entry, reply, "the entry has no field `m`", deliveries) }
        guard body.length <= intake.options.maxMessageBytes else {
            return refuse(entry, reply, intake.tooLarge, deliveries)
        }
        do throws(EnvelopeError) {
            var message = IncomingMessage(kind: .emit, frame: reply.bytes, pattern: .none, payload: .none)
            if !intake.reader.read(body, into: &message) {
                guard case .message(let other) = try intake.codec.readRequest(reply.bytes, in: body) else {
                    return refuse(entry, reply, "a word about a stream is no entry", deliveries)
                }
                message = other
            }
            let concernUs = adopt(entry, reply, &message)
            message.attempt = deliveries
            message.setDeadline(entry.id, clock, now, isQueue ? intake.options.requestExpiry : nil)
            let isForUs = isQueue || isForUs(&message, concernUs, intake)
            guard concernUs, !isQueue, let key = message.carriedHeaders?[HeaderName.key] else {
                guard isForUs else { return done.append(entry.id) }
                return intake.takeNow(message, RedisDelivery(self, id: entry.id, deliveries: deliveries, key: nil))
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

    /// Takes the headers that stand beside the message. False when none of them is for the framework.
    @inline(__always)
    private func adopt(_ entry: RedisEntry, _ reply: RedisReply, _ message: inout IncomingMessage) -> Bool {
        guard entry.hasHeaders else { return false }
        let headers = entry.headers(in: reply)
        if headers.concernUs {
            message.adopt(headers.all)
        } else {
            message.carriedHeaders = headers.all
        }
        return headers.concernUs
    }

    /// Every group reads every event: what has no handler here, or is another group's, is done with.
    @inline(__always)
    private func isForUs(_ message: inout IncomingMessage, _ concernUs: Bool, _ intake: RedisIntake) -> Bool {
        message.kind = .emit
        message.audience = .group
        if concernUs, let only = message.carriedHeaders?[RedisHeader.onlyGroup], only != group { return false }
        return intake.plan.shared.covers(message)
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
            reading.rest()
            _ = intake.state.timers.scheduleTask(in: .seconds(1)) { [weak self] in
                self?.reading.came()
                self?.ask()
            }
            return
        }
        remake()
    }
}

extension IncomingMessage {
    /// What has waited is older: time left counts from when it was sent, by Redis's clock.
    @inline(__always)
    fileprivate mutating func setDeadline(
        _ id: RedisDelivery.ID, _ clock: RedisClock, _ now: NIODeadline, _ longest: Duration?
    ) {
        guard deadline != nil || (longest != nil && kind == .send) else { return }
        let age = TimeAmount.milliseconds(clock.age(of: Int64(clamping: id.milliseconds), at: now))
        let left = deadline ?? now + TimeAmount(longest ?? .zero)
        deadline = left - age
    }
}
