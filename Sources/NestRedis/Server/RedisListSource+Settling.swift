import Logging
import NIOCore

/// What becomes of elements.
extension RedisListSource {
    private static let maxUntold = 65_536

    /// Nothing is collected: each element is one command.
    func speak() {}

    func acknowledge(_ held: Held) {
        let element = element(of: held.delivery)
        rewritten[held.delivery.id] = nil
        say(["LREM", work, "1"].map { ByteBuffer(string: $0) } + [element])
    }

    func buried(_ held: Held) { rewritten[held.delivery.id] = nil }

    /// Others may have it at once; the try that did not come about does not count.
    func giveBack(_ held: Held) {
        let old = element(of: held.delivery)
        rewritten[held.delivery.id] = nil
        let new = held.delivery.fields.isEmpty ? rewrite(held.message, attempt: held.message.attempt) : old
        say(RedisScript.returnElement.with([work, key]).buffers + [old, new])
        session?.commands.send(["PUBLISH", intake.wakeChannel, "back"])
    }

    /// It rests until its next try, whose number is written into the element.
    func rest(_ held: Held) { store(held, attempt: held.message.attempt + 1) }

    func keepAlive(_ held: [Held]) {
        for held in held { store(held, attempt: held.message.attempt) }
    }

    /// Writes a larger number of tries into the element.
    func store(_ held: Held, attempt: Int) {
        let delivery = held.delivery
        guard delivery.fields.isEmpty, attempt > rewritten[delivery.id]?.attempt ?? delivery.deliveries else { return }
        let old = element(of: delivery)
        let new = rewrite(held.message, attempt: attempt)
        rewritten[delivery.id] = (new, attempt)
        say(RedisScript.rewriteElement.with([work]).buffers + [old, new])
    }

    func bury(
        _ held: Held, _ fields: [(String, ByteBuffer)], _ done: @escaping @Sendable (PendingReplies.Reply) -> Void
    ) -> Bool {
        guard let commands = session?.commands else { return false }
        let expected = RedisExpected.reply { done(PendingReplies.Reply($0, "keeping a dead letter")) }
        let element = element(of: held.delivery)
        let dead = intake.keys.dead(intake.plan.group)
        commands.send(expected) { bytes, _ in
            RedisScript.buryElement.write(to: &bytes, keys: [work, dead], arguments: 1 + fields.count * 2)
            bytes.writeArgument(element)
            for (name, value) in fields {
                bytes.writeArgument(name)
                bytes.writeArgument(value)
            }
        }
        rewritten[held.delivery.id] = (element, held.message.attempt)
        return true
    }

    private func element(of delivery: RedisDelivery) -> ByteBuffer {
        rewritten[delivery.id]?.element ?? delivery.element ?? ByteBuffer()
    }

    private func rewrite(_ message: IncomingMessage, attempt: Int) -> ByteBuffer {
        var again = OutgoingMessage(
            pattern: Pattern(message.pattern), payload: message.payload, headers: message.headers,
            deadline: .distantFuture)
        again.ownHeaders[HeaderName.attempt] = String(attempt)
        var element = ByteBuffer()
        let request = OutboundRequest(
            kind: message.kind, message: again, reply: message.reply, correlationID: message.correlationID)
        intake.codec.write(request, to: &element)
        return element
    }

    /// Says something that may be said twice. What gets no reply is said again over the next connection.
    func say(_ command: [ByteBuffer]) {
        guard let commands = session?.commands else { return keep(command) }
        let expected = RedisExpected.reply { [weak self] result in
            switch result {
            case .success(let reply): if let error = reply.error { self?.intake.trouble.note(error) }
            case .failure: self?.keep(command)
            }
        }
        commands.send(expected) { bytes, _ in
            bytes.beginCommand(command.count)
            for argument in command { bytes.writeArgument(argument) }
        }
    }

    private func keep(_ command: [ByteBuffer]) {
        if untold.count < Self.maxUntold { untold.append(command) }
    }
}

// MARK: - What is left

extension RedisListSource {
    /// What was moved to us in a reply that was lost. Asked after all that was to be told, and before anything new is
    /// asked for: nothing is found that is done, or on its way.
    func recollect() {
        var known: [ByteBuffer: Int] = [:]
        for open in intake.deliveries.open.values where open.held.delivery.source === self {
            known[element(of: open.held.delivery), default: 0] += 1
        }
        session?.commands.send(
            ["LRANGE", work, "0", "-1"],
            .reply { [weak self, weak session, known] result in
                guard let self, let session, self.session === session else { return }
                isAsking = false
                if case .success(let reply) = result { recollected(reply, known) }
                intake.takeAll()
            })
    }

    private func recollected(_ reply: RedisReply, _ known: [ByteBuffer: Int]) {
        var known = known
        for element in reply.elements where element.head.kind == .text {
            let range = element.head.range
            let bytes = element.bytes.getSlice(at: range.start, length: Int(range.length)) ?? ByteBuffer()
            if let count = known[bytes], count > 0 {
                known[bytes] = count - 1
            } else {
                take(range, of: element.bytes, isInherited: false)
            }
        }
    }

    /// Says that we are there, and takes over what the dead have left.
    func look() {
        guard let commands = session?.commands else { return }
        breath.send(over: commands)
        let room = min(intake.room, intake.options.batch)
        guard !isStopped, !isLooking, room > 0, intake.state.phase == .open else { return }
        isLooking = true
        let (keys, prefix) = (intake.keys, intake.options.prefix)
        let script = RedisScript.inherit.with(
            [keys.consumers(of: key), work], ["\(prefix):alive:", "\(prefix):work:", consumer, String(room)])
        script.send(
            over: commands,
            .reply { [weak self, weak session] result in
                guard let self, let session, self.session === session else { return }
                isLooking = false
                if case .success(let reply) = result { inherited(reply) }
            })
    }

    private func inherited(_ reply: RedisReply) {
        if let error = reply.error { return intake.trouble.note(error) }
        let elements = reply.elements
        guard !elements.isEmpty else { return }
        for element in elements { take(element.head.range, of: element.bytes, isInherited: true) }
        intake.state.logger.info(
            "took over what was left unfinished", metadata: [LogKey.transport: "redis", LogKey.reason: "\(key)"])
        intake.takeAll()
    }
}

extension RedisScript {
    /// As arguments of a command whose last ones follow.
    var buffers: [ByteBuffer] { command.map { ByteBuffer(string: $0) } }

    /// A consumer goes: what it has left is for others at once.
    static let leave = RedisScript(
        """
        redis.call('DEL', KEYS[3])
        if redis.call('LLEN', KEYS[2]) == 0 then redis.call('SREM', KEYS[1], ARGV[1]) end
        return 0
        """)
}

extension PendingReplies.Reply {
    /// Any reply but an error is a success.
    init(_ result: Result<RedisReply, TransportError>, _ action: String) {
        self = result.flatMap { reply in
            reply.error.map { .failure(TransportError(redis: $0, action)) } ?? .success(.null)
        }
    }
}

extension IncomingMessage {
    /// What has waited is older: time left counts from when it was sent, by Redis's clock.
    mutating func setDeadline(_ headers: MessageHeaders, _ clock: RedisClock, _ longest: Duration) {
        guard kind == .send else { return }
        let now = NIODeadline.now()
        let sent = headers[RedisHeader.sentAt].flatMap { Int64($0) }
        let age = sent.map { TimeAmount.milliseconds(clock.age(of: $0, at: now)) } ?? .zero
        deadline = (deadline ?? now + TimeAmount(longest)) - age
    }
}
