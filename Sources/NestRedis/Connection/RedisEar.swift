/// What is heard over a connection that subscribes.
///
/// While one session takes over from another both are brought the same. Redis brings a mark to both at the same place
/// among everything else: there the one falls deaf, and the other begins to hear. So nothing is heard twice, and nothing
/// is missed.
///
/// `@unchecked Sendable`: touched on the loop of its connection only.
final class RedisEar: @unchecked Sendable {
    private let receive: @Sendable (RedisReply) -> Void
    /// Everything is taken, and no mark is waited for.
    private var isPlain = true
    private var isDeaf = false
    private var mark: (channel: String, passed: @Sendable () -> Void)?
    /// Channels that no other connection brings.
    private var own: Set<String> = []

    init(_ receive: @escaping @Sendable (RedisReply) -> Void) { self.receive = receive }

    /// `message channel text`, or `pmessage glob channel text`.
    @inline(__always)
    func hear(_ reply: RedisReply) {
        if isPlain { receive(reply) } else { hearSome(reply) }
    }

    private func hearSome(_ reply: RedisReply) {
        var cursor = reply.cursor
        let count = cursor.array() ?? 0
        cursor.skip(count - 2)
        guard let channel = cursor.text().map({ cursor.string($0) }) else { return }
        if channel == mark?.channel { return turn(at: channel) }
        if !isDeaf || own.contains(channel) { receive(reply) }
    }

    /// Hears nothing until it turns.
    func fallDeaf() {
        isPlain = false
        isDeaf = true
    }

    /// Hears a channel that the connection it takes over from does not know.
    func hearAlso(_ channel: String) {
        if isDeaf { own.insert(channel) }
    }

    /// Turns from deaf to hearing, or from hearing to deaf, when a message comes on this channel.
    func prepareToTurn(at channel: String, _ passed: @escaping @Sendable () -> Void) {
        isPlain = false
        mark = (channel, passed)
    }

    /// Turns now, unless it has.
    func turn(at channel: String) {
        guard let mark, mark.channel == channel else { return }
        self.mark = nil
        isDeaf.toggle()
        isPlain = !isDeaf
        own = []
        mark.passed()
    }
}
