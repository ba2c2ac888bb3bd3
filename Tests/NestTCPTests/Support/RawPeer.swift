import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One end of a plain socket that a test speaks through: writes what it likes, reads line by line.
///
/// Every wait is for an event, and fails after a while instead of hanging.
final class RawPeer: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    enum Failure: Error { case closed, tooSlow }

    private struct State {
        var text = ""
        var isClosed = false
        /// Waiting for a line (true) or for the end.
        var waiter: (promise: EventLoopPromise<String>, wantsLine: Bool)?
    }

    private let state = Mutex(State())
    private let active: EventLoopPromise<any Channel>
    private let loop: any EventLoop

    init(loop: any EventLoop) {
        self.loop = loop
        active = loop.makePromise()
    }

    func channelActive(context: ChannelHandlerContext) { active.succeed(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(buffer: unwrapInboundIn(data))
        update { $0.text += text }
    }

    func channelInactive(context: ChannelHandlerContext) { update { $0.isClosed = true } }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { update { $0.isClosed = true } }
    }

    /// A connection can be gone before it was there.
    func handlerRemoved(context: ChannelHandlerContext) { active.fail(Failure.closed) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: For tests

    var channel: any Channel { get async throws { try await active.futureResult.get() } }

    func write(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// The next line; throws at the end.
    func line(within time: TimeAmount = .seconds(10)) async throws -> String { try await wait(forLine: true, time) }

    /// Everything that still comes, until the other end closes.
    func rest(within time: TimeAmount = .seconds(10)) async throws -> String { try await wait(forLine: false, time) }

    func halfClose() async throws { try await channel.close(mode: .output) }
    func close() async throws { try? await channel.close() }

    /// Closes so that the other end sees a reset.
    func reset() async throws {
        let channel = try await channel
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try? await channel.close()
    }

    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }
    func goOnReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    private func wait(forLine: Bool, _ time: TimeAmount) async throws -> String {
        let promise = loop.makePromise(of: String.self)
        update { $0.waiter = (promise, forLine) }
        let timer = loop.scheduleTask(in: time) { promise.fail(Failure.tooSlow) }
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }

    private func update(_ change: (inout State) -> Void) {
        let settled = state.withLock { state -> (EventLoopPromise<String>, Result<String, any Error>)? in
            change(&state)
            guard let waiter = state.waiter, let result = Self.result(&state, waiter.wantsLine) else { return nil }
            state.waiter = nil
            return (waiter.promise, result)
        }
        settled?.0.completeWith(settled?.1 ?? .failure(Failure.closed))
    }

    private static func result(_ state: inout State, _ wantsLine: Bool) -> Result<String, any Error>? {
        if wantsLine, let end = state.text.utf8.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(state.text[..<end])
            state.text = String(state.text[state.text.utf8.index(after: end)...])
            return .success(line)
        }
        guard state.isClosed else { return nil }
        if wantsLine { return .failure(Failure.closed) }
        defer { state.text = "" }
        return .success(state.text)
    }
}

extension RawPeer {
    /// Connects to a server.
    static func connect(to port: Int, receiveBuffer: Int? = nil) async throws -> RawPeer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let peer = RawPeer(loop: loop)
        var bootstrap = ClientBootstrap(group: loop).channelInitializer { $0.pipeline.addHandler(peer) }
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBuffer))
        }
        return try await peer.connected(bootstrap.connect(host: "127.0.0.1", port: port))
    }

    static func connect(toSocket path: String) async throws -> RawPeer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let peer = RawPeer(loop: loop)
        let bootstrap = ClientBootstrap(group: loop).channelInitializer { $0.pipeline.addHandler(peer) }
        return try await peer.connected(bootstrap.connect(unixDomainSocketPath: path))
    }

    private func connected(_ attempt: EventLoopFuture<any Channel>) async throws -> RawPeer {
        do {
            _ = try await attempt.get()
            return self
        } catch {
            active.fail(error)
            throw error
        }
    }
}
