import NIOCore
import Synchronization

/// The connections of a client or a server to one Redis. They come and go together, and it lives as long as they do:
/// nothing that a client has refers to it weakly, since what is referred to so is retained slowly ever after, and each call
/// retains it.
final class RedisSession: BrokerConnection {
    /// Which connections there are to be.
    struct Plan: Sendable {
        /// Who hears of what the connection for commands has to tell.
        var commands = RedisConnection.Owner()
        /// Who hears of messages; nil: there are no subscriptions.
        var messages: (@Sendable (RedisReply) -> Void)?
        /// All messages of a read were told.
        var messagesEnd: (@Sendable () -> Void)?
        /// Connections that wait for entries.
        var readers = 0
    }

    /// A connection for commands that wait, and its number at Redis, by which its waiting is ended.
    struct Reader: Sendable {
        let connection: RedisConnection
        let number: Int64?
    }

    private struct Life {
        var watch: RepeatedTask?
        var end: TransportError?
        var watchers: [@Sendable (TransportError) -> Void] = []
    }

    /// Commands that Redis answers at once.
    let commands: RedisConnection
    let subscriber: RedisConnection?
    /// Hears what the subscriber brings.
    let ear: RedisEar?
    /// For commands that wait.
    let readers: [Reader]
    let clock: RedisClock
    private let life = Mutex(Life())

    init(
        commands: RedisConnection, subscriber: RedisConnection?, ear: RedisEar?, readers: [Reader], clock: RedisClock
    ) {
        self.commands = commands
        self.subscriber = subscriber
        self.ear = ear
        self.readers = readers
        self.clock = clock
        for connection in all { connection.whenGone.whenSuccess { self.ended($0) } }
    }

    /// Asks now and then whether this is still the primary: a replica lets everybody publish, to nobody elsewhere.
    func watchRole(every interval: Duration) {
        let pause = TimeAmount(interval)
        let watch = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [self] _ in
            commands.send(["ROLE"], .reply { self.checkRole($0) })
        }
        let isOver = life.withLock { life in
            life.watch = watch
            return life.end != nil
        }
        if isOver { watch.cancel() }
    }

    private func checkRole(_ result: Result<RedisReply, TransportError>) {
        guard case .success(let reply) = result, reply.elements.first?.text == "slave" else { return }
        fail(TransportError(.disconnected, "\(address) has become a replica, and takes no writes"))
    }

    var address: RedisAddress { commands.address }
    var loop: any EventLoop { commands.loop }
    private var all: [RedisConnection] { [commands] + [subscriber].compactMap(\.self) + readers.map(\.connection) }

    /// Where it leads.
    var summary: String { "\(address)" }

    func whenEnded(_ body: @escaping @Sendable (TransportError) -> Void) {
        let end = life.withLock { life -> TransportError? in
            if life.end == nil { life.watchers.append(body) }
            return life.end
        }
        if let end { body(end) }
    }

    /// One is gone: so are all. Of a session that takes leave each ends by itself, when it has its answers.
    private func ended(_ error: TransportError) {
        let watchers = life.withLock { life -> [@Sendable (TransportError) -> Void]? in
            guard life.end == nil else { return nil }
            life.end = error
            life.watch?.cancel()
            defer { life.watchers = [] }
            return life.watchers
        }
        guard let watchers else { return }
        for connection in all { connection.close(error) }
        for watcher in watchers { watcher(error) }
    }

    /// It is gone, or going.
    var isOver: Bool { life.withLock { $0.end != nil } }

    /// From now on its end is nothing to be told.
    func endQuietly(_ error: TransportError) {
        life.withLock { life in
            if life.end == nil { life.end = error }
            life.watch?.cancel()
        }
    }

    /// Breaks it off: the server is of no use any more.
    func fail(_ error: TransportError) { ended(error) }

    /// Lets Redis answer what it was told, for a second at the most.
    func close() async {
        let error = TransportError(.closed, "the connection was closed")
        endQuietly(error)
        for reader in readers { reader.connection.close(error) }
        subscriber?.close(error)
        commands.closeGently(error, within: .seconds(1))
        _ = try? await commands.whenGone.get()
    }
}

extension RedisSession {
    /// Subscribes, and returns when Redis has it.
    func subscribe(_ channels: [String], patterns: [String] = [], within time: Duration) async throws(TransportError) {
        guard let subscriber, !(channels.isEmpty && patterns.isEmpty) else { return }
        let commands = channels.map { ["SUBSCRIBE", $0] } + patterns.map { ["PSUBSCRIBE", $0] }
        let replies = try await subscriber.replies(to: commands, "subscribing", within: time)
        if let error = replies.lazy.compactMap(\.error).first { throw TransportError(redis: error, "subscribing") }
    }
}
