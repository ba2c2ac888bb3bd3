import NIOCore

/// What has become of entries.
extension RedisStreamSource {
    func acknowledge(_ delivery: RedisDelivery) {
        forgetTries(delivery)
        done.append(delivery.id)
        guard delivery.key != nil else { return }
        finished.append(delivery.id)
        turns.finished(delivery.id)
    }

    func buried(_ delivery: RedisDelivery) {
        forgetTries(delivery)
        if delivery.key != nil { turns.finished(delivery.id) }
    }

    /// Others may have it at once; the try that did not come about does not count.
    func giveBack(_ held: Held) {
        forgetTries(held.delivery)
        returned[held.delivery.id] = max(0, held.message.attempt - 1)
    }

    /// Most have been tried once, and Redis knows of that.
    @inline(__always)
    private func forgetTries(_ delivery: RedisDelivery) {
        if !told.isEmpty { told[delivery.id] = nil }
    }

    func speak() {
        guard let commands = session?.commands, !(done.isEmpty && returned.isEmpty) else { return }
        if !done.isEmpty { acknowledge(over: intake.voice ?? commands) }
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
        done.reserveCapacity(min(ids.count, 1_024))
        commands.send(.later { [weak self] in self?.acknowledged(ids, $0) }, more: isQueue ? 1 : 0) { bytes, _ in
            words.acknowledge(ids, deletes: isQueue, to: &bytes)
        }
        if !finished.isEmpty { tellOthers(over: commands) }
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
    /// An id as Redis writes it, such as `1700000000000-0`.
    @inline(__always)
    mutating func writeArgument(_ id: RedisDelivery.ID) {
        let (left, right) = (Self.digits(of: id.milliseconds), Self.digits(of: id.sequence))
        writeArgument(left + 1 + right) { target in
            Self.write(id.milliseconds, left, to: target, at: 0)
            target[left] = UInt8(ascii: "-")
            Self.write(id.sequence, right, to: target, at: left + 1)
        }
    }
}
