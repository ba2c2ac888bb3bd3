import NIOCore

/// From replies to who waits for them.
extension RedisConnection {
    @inline(__always)
    func receive(_ reply: RedisReply) {
        if let message = owner.message, reply.head.kind == .array, reply.isMessage { return message(reply) }
        guard let waiter = expected.popFirst() else {
            return end(TransportError(.disconnected, "Redis answers what nobody asked"))
        }
        switch waiter {
        case .silent: if let error = reply.error { refused(error) }
        case .call(let id, let meaning): settle(id, meaning, reply)
        case .reply(let body), .later(let body):
            body(.success(reply))
            if reply.head.kind == .error, let error = reply.error { leaveIfNeeded(error) }
        }
        if isClosing { closeWhenAnswered(farewell) }
    }

    private func settle(_ id: UInt64, _ meaning: RedisExpected.Meaning, _ reply: RedisReply) {
        if let error = reply.error {
            owner.settle(id, .failure(TransportError(redis: error, "sending")))
            return leaveIfNeeded(error)
        }
        switch meaning {
        case .sent: break
        case .stored: owner.settle(id, .success(.null))
        case .spread:
            let again = TransportError(.disconnected, "Redis has lost its data, and the groups register again")
            owner.settle(id, reply.integer == -1 ? .failure(again) : .success(.null))
        case .received:
            guard reply.integer == 0 else { return }
            owner.settle(id, .failure(TransportError(.noResponders, "nobody listens to the pattern")))
        }
    }

    private func refused(_ error: RedisError) {
        owner.refused(error)
        leaveIfNeeded(error)
    }

    /// A server that takes no writes any more: another one may.
    private func leaveIfNeeded(_ error: RedisError) {
        guard error.meansAnotherServer else { return }
        end(TransportError(redis: error, "\(address)"))
    }

    func fail(_ waiter: RedisExpected, _ error: TransportError) {
        switch waiter {
        case .silent: break
        case .call(let id, _): owner.settle(id, .failure(error))
        case .reply(let body), .later(let body): body(.failure(error))
        }
    }
}

extension RedisReply {
    /// `message` or `pmessage`, told from what confirms a subscription by their length.
    @inline(__always)
    fileprivate var isMessage: Bool {
        guard let name = part(at: firstIndex + 1) else { return false }
        return name.kind == .text && (name.range.length == 7 || name.range.length == 8)
    }
}
