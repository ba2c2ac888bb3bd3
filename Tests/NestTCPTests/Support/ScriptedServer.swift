import NIOCore
import NIOPosix
import Synchronization

/// A server that says what the test tells it to.
final class ScriptedServer: Sendable {
    private struct State {
        var accepted: [RawPeer] = []
        var waiter: EventLoopPromise<RawPeer>?
    }

    private final class Door: Sendable {
        let state = Mutex(State())

        func enter(_ peer: RawPeer) {
            let waiter = state.withLock { state -> EventLoopPromise<RawPeer>? in
                defer { state.waiter = nil }
                if state.waiter == nil { state.accepted.append(peer) }
                return state.waiter
            }
            waiter?.succeed(peer)
        }
    }

    private let door: Door
    private let channel: any Channel
    let port: Int

    /// Listens; port 0 takes a free one.
    init(port: Int = 0) async throws {
        let door = Door()
        self.door = door
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                let peer = RawPeer(loop: channel.eventLoop)
                return channel.pipeline.addHandler(peer).map { door.enter(peer) }
            }
            .bind(host: "127.0.0.1", port: port).get()
        self.port = channel.localAddress?.port ?? 0
    }

    /// The next connection that comes.
    func accept() async throws -> RawPeer {
        let promise = channel.eventLoop.makePromise(of: RawPeer.self)
        let here = door.state.withLock { state -> RawPeer? in
            guard state.accepted.isEmpty else { return state.accepted.removeFirst() }
            state.waiter = promise
            return nil
        }
        if let here { promise.succeed(here) }
        let timer = channel.eventLoop.scheduleTask(in: .seconds(10)) { promise.fail(RawPeer.Failure.tooSlow) }
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }

    func close() async throws { try await channel.close() }
}
