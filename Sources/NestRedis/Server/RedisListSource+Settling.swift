import NIOCore

/// What becomes of elements.
extension RedisListSource {
    private static let maxUntold = 65_536

    /// Nothing is collected: each element is one command.
    func speak() {}

    func acknowledge(_ delivery: RedisDelivery) {
        let element = element(of: delivery)
        rewritten[delivery.id] = nil
        say(["LREM", work, "1"].map { ByteBuffer(string: $0) } + [element])
    }

    func buried(_ delivery: RedisDelivery) { rewritten[delivery.id] = nil }

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

    func element(of delivery: RedisDelivery) -> ByteBuffer {
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
