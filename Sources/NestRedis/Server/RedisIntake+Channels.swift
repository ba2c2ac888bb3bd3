import Logging
import NIOCore

/// What comes over channels.
extension RedisIntake {
    /// `message channel text`, or `pmessage glob channel text`.
    func heard(_ reply: RedisReply) {
        guard state.phase == .open else { return hearControl(reply) }
        var cursor = reply.cursor
        let count = cursor.array() ?? 0
        cursor.skip(1)
        let glob = count == 4 ? cursor.text() : nil
        guard let channel = cursor.text(), let body = cursor.text() else { return }
        let name = cursor.string(channel)
        if let stream = controls[name] { return control(body, in: reply, of: stream) }
        guard plan.mode == .pubSub else { return hear(name, body, in: reply) }
        receive(body, of: reply, over: name, glob: glob.map { cursor.string($0) })
    }

    /// While the server ends only the readers of its streams are heard.
    private func hearControl(_ reply: RedisReply) {
        let elements = reply.elements
        guard elements.count == 3, let name = elements[1].text, let stream = controls[name] else { return }
        control(elements[2].head.range, in: reply, of: stream)
    }

    /// Instances tell each other what was given back, and what is done.
    private func hear(_ name: String, _ body: ByteRange, in reply: RedisReply) {
        if name == wakeChannel || name == keys.wakeAll { return wake() }
        guard name.hasPrefix(keys.done(plan.group)) else { return }
        for case let source as RedisStreamSource in sources where !source.isQueue {
            let id = reply.bytes.getString(at: body.start, length: Int(body.length)).flatMap(source.identify)
            if let id { source.turns.heard(id) }
        }
    }

    private func wake() {
        for source in sources { source.look() }
    }

    /// A message of revision 1: the pattern in the body counts.
    private func receive(_ body: ByteRange, of reply: RedisReply, over channel: String, glob: String?) {
        guard isFirstCopy(channel, glob) else { return }
        guard body.length <= options.maxMessageBytes else { return malformed(tooLarge) }
        do throws(EnvelopeError) {
            guard case .message(let message) = try codec.readRequest(reply.bytes, in: body) else { return }
            let name = message.pattern
            // A glob finds channels of others as well.
            guard glob == nil || keys.channel(Pattern(name)) == channel else { return }
            guard message.kind == .send ? plan.requests.covers(name) : plan.events.covers(name) else { return }
            arrived.append(message)
        } catch {
            malformed(error.reason)
        }
    }

    private func malformed(_ reason: String) {
        _ = state.dispatcher.malformed(reason)
        state.logger.debug(
            "malformed message", metadata: [LogKey.transport: "redis", LogKey.reason: .string(reason)])
    }

    var tooLarge: String { "the message is larger than \(options.maxMessageBytes) bytes" }

    /// Redis brings a message once for each subscription that finds it: the first of ours is taken.
    private func isFirstCopy(_ channel: String, _ glob: String?) -> Bool {
        guard !plan.globs.isEmpty, let pattern = keys.pattern(of: channel) else { return true }
        guard let glob else { return true }
        if plan.channels.contains(where: { $0.name == pattern }) { return false }
        let covering = plan.globs.first { PatternSet([$0]).covers(pattern) }
        return covering.map { keys.glob($0) == glob } ?? false
    }
}
