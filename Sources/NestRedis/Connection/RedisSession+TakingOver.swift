import NIOCore
import Synchronization

/// One session takes over from another that still works.
extension RedisSession {
    /// Hears nothing until it takes over.
    func fallDeaf() async {
        _ = try? await loop.submit { self.ear?.fallDeaf() }.get()
    }

    /// Subscribes to a channel that nobody else listens to.
    func listen(to channel: String, _ expected: RedisExpected) {
        ear?.hearAlso(channel)
        subscriber?.send(["SUBSCRIBE", channel], expected)
    }

    /// Hears what `old` has heard until now, from a mark on that many may not write to. Comes to its end whatever happens
    /// to either of them.
    func takeOver(from old: RedisSession, markedBy channel: String, within time: Duration) async {
        guard let subscriber, let ear, let oldSubscriber = old.subscriber, let oldEar = old.ear else { return }
        let passed = [loop.makePromise(of: Void.self), loop.makePromise(of: Void.self)]
        _ = try? await loop.submit {
            ear.prepareToTurn(at: channel) { passed[0].succeed() }
            oldEar.prepareToTurn(at: channel) { passed[1].succeed() }
        }.get()
        let turn: @Sendable () -> Void = {
            oldEar.turn(at: channel)
            ear.turn(at: channel)
        }
        // Without the one there is nothing to wait for.
        for connection in [subscriber, oldSubscriber] { connection.whenGone.whenSuccess { _ in turn() } }
        let timer = loop.scheduleTask(in: TimeAmount(time), turn)
        defer { timer.cancel() }
        do throws(TransportError) {
            for connection in [oldSubscriber, subscriber] {
                _ = try await connection.ask(["SUBSCRIBE", channel], "taking over", within: time)
            }
            _ = try await commands.ask(["PUBLISH", channel, ""], "taking over", within: time)
        } catch {
            loop.execute(turn)
        }
        _ = try? await EventLoopFuture.andAllSucceed(passed.map(\.futureResult), on: loop).get()
        subscriber.send(["UNSUBSCRIBE", channel], .reply { _ in })
    }

    /// Another one has taken over: Redis may answer what this one was asked, then it closes.
    func retire(within time: Duration) async {
        let error = RedisConnection.takenOver
        endQuietly(error)
        for reader in readers { reader.connection.closeGently(error, within: time) }
        for reader in readers { _ = try? await reader.connection.whenGone.get() }
        // Who has got hold of it just before it was replaced has asked by then.
        _ = try? await commands.ask(["PING"], "taking leave", within: time)
        subscriber?.close(error)
        commands.closeGently(error, within: time)
        _ = try? await commands.whenGone.get()
    }
}

/// The sessions of one client or server, one after another.
final class RedisSuccession: Sendable {
    private let current = Mutex<RedisSession?>(nil)
    private let keys: RedisKeys

    init(_ keys: RedisKeys) { self.keys = keys }

    /// Prepares a session. When there is one that still works, the new one hears nothing of what it subscribes to until it
    /// takes over.
    func prepare(
        _ session: RedisSession, within time: Duration, _ body: () async throws(TransportError) -> Void
    ) async throws(TransportError) {
        let old = current.withLock { $0 }.flatMap { $0.isOver ? nil : $0 }
        if old != nil { await session.fallDeaf() }
        try await body()
        if let old { await session.takeOver(from: old, markedBy: keys.replies(UniqueName.new()), within: time) }
        current.withLock { $0 = session }
    }
}
