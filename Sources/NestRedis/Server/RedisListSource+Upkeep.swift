import Logging
import NIOCore

/// What others have left, and what was lost on the way.
extension RedisListSource {
    /// What was moved to us in a reply that was lost. Asked after all that was to be told, and before anything new is
    /// asked for: nothing is found that is done, or on its way.
    func recollect() {
        var known: [ByteBuffer: Int] = [:]
        for open in intake.deliveries.open.values where open.held.delivery.source === self {
            known[element(of: open.held.delivery), default: 0] += 1
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
