import Logging
import NIOCore

/// What others have left, and what was lost on the way.
extension RedisListSource {
    /// What was moved to us in a reply that was lost. Asked after all that was to be told, and before anything new is
    /// asked for: nothing is found that is done, or on its way.
    func recollect() {
        recollectsNext = false
        var known: [ByteBuffer: Int] = [:]
        for held in intake.deliveries.open.values where held.delivery.source === self {
            known[element(of: held.delivery), default: 0] += 1
        }
        reading.rest()
        session?.commands.send(
            ["LRANGE", work, "0", "-1"],
            .reply { [weak self, known] result in
                guard let self else { return }
                reading.came()
                if case .success(let reply) = result { recollected(reply, known) }
                intake.takeAll()
            })
    }

    /// Redis may not know yet that the connection before this one is gone, and move something to us for what was asked for
    /// over it: once more when that has come to its end.
    func recollectLater() {
        let session = session
        let pause = TimeAmount.milliseconds(intake.options.blockMilliseconds) * 2 + .seconds(1)
        _ = intake.state.timers.scheduleTask(in: pause) { [weak self] in
            guard let self, self.session === session else { return }
            recollectsNext = true
            ask()
        }
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
            [keys.consumers(of: key), work, keys.gone(from: key)],
            [
                "\(prefix):alive:", "\(prefix):work:", consumer, String(room),
                String(Int64(intake.options.forgetAfter / .milliseconds(1))),
            ])
        script.send(
            over: commands,
            .reply { [weak self] result in
                guard let self else { return }
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
