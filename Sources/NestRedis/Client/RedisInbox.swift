import NIOCore

/// Where a client's answers come: a channel of its own, or a list.
///
/// With streams and lists it is one channel, and the answer has the call's number in it. Services of revision 1 put no
/// number into an answer: over publish and subscribe each call has a channel, and one subscription finds them all.
struct RedisInbox: Sendable {
    /// What is subscribed to.
    let channel: String
    /// Each call has a channel of its own.
    let isPerCall: Bool
    /// The list that answers wait in which are no streams; nil: all come over the channel.
    let list: String?

    init(_ keys: RedisKeys, mode: RedisMode, replies: RedisReplies = .channel) {
        isPerCall = mode == .pubSub
        let id = UniqueName.new()
        channel = isPerCall ? "\(keys.channelPrefix)__nest.reply.\(id)" : keys.replies(id)
        list = replies.expiry.map { keys.inbox(id, expiry: $0) }
    }

    /// Where a call's answer is to go.
    @inline(__always)
    func reply(for id: UInt64, _ message: OutgoingMessage) -> String {
        if let list, message.ownHeaders[HeaderName.stream] == nil { return list }
        return reply(for: id)
    }

    /// The channel of a call's answer.
    func reply(for id: UInt64) -> String { isPerCall ? "\(channel).\(id)" : channel }

    /// Where the writer of a stream listens.
    func control(for id: UInt64) -> String { RedisKeys.control(channel, String(id)) }

    func subscribe(to session: RedisSession, within time: Duration) async throws(TransportError) {
        if isPerCall {
            try await session.subscribe([], patterns: ["\(RedisKeys.escaped(channel)).*"], within: time)
        } else {
            try await session.subscribe([channel], within: time)
        }
    }

    /// The call's number in one of its channels.
    func number(in channel: UnsafeRawBufferPointer) -> UInt64? {
        let start = self.channel.utf8.count + 1
        guard channel.count > start, channel.count <= start + 20 else { return nil }
        var number: UInt64 = 0
        for byte in channel[start...] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
