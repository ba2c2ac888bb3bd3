import Logging
import NIOCore

/// One connection to Redis: commands from any thread on one side, a socket on the other.
///
/// What is asked within a turn of the loop leaves in few writes; replies find who waits for them by their order. A
/// connection that subscribes gets messages in between.
///
/// `@unchecked Sendable`: `output` locks by itself; everything else is touched on `loop` only.
final class RedisConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a connection tells its owner, on its loop.
    struct Owner: Sendable {
        /// Settles a call.
        var settle: @Sendable (UInt64, PendingReplies.Reply) -> Void = { _, _ in }
        /// A message of a channel it has subscribed to; nil for a connection that does not.
        var message: (@Sendable (RedisReply) -> Void)?
        /// What was just read has been handed on.
        var readEnds: (@Sendable () -> Void)?
        /// An error that nobody waits for.
        var refused: @Sendable (RedisError) -> Void = { _ in }
    }

    /// The largest text Redis takes. What is larger than a message may be is refused by who reads it: to break off would
    /// bring it again.
    private static let largestText = 512 << 20

    let address: RedisAddress
    let loop: any EventLoop
    let output: RedisOutput
    let owner: Owner
    let pingInterval: Duration
    /// Succeeds when commands may be sent: with TLS, after the handshake.
    let ready: EventLoopPromise<Void>
    let gone: EventLoopPromise<TransportError>
    let usesTLS: Bool

    @exclusivity(unchecked) var context: ChannelHandlerContext?
    @exclusivity(unchecked) var reader: RedisReader?
    @exclusivity(unchecked) var expected = RedisWaiters()
    @exclusivity(unchecked) var hasEnded = false
    @exclusivity(unchecked) var hasHeard = false
    /// Bytes of writes that the socket did not take at once.
    @exclusivity(unchecked) var leaving = 0
    /// Bytes of replies that the loop is not woken for.
    @exclusivity(unchecked) var idleBytes = 0
    /// Plain text over TCP: there the kernel can tell replies by their size.
    let holdsBack: Bool
    /// What all connections of the loop's owner have in common.
    let spinWait: SpinWait?
    var missed = 0
    var pulse: RepeatedTask?
    var isSecured = false
    var isClosing = false
    /// What it ends with once everything is answered.
    var farewell = TransportError(.closed, "the connection was closed")
    /// A command that came to a connection from which another one has taken over: it has not left.
    static let takenOver = TransportError(.closed, "another connection has taken over")
    var reason: TransportError?

    init(
        _ address: RedisAddress, options: RedisOptions, usesTLS: Bool, loop: any EventLoop, spinWait: SpinWait?,
        owner: Owner
    ) {
        self.address = address
        self.loop = loop
        self.owner = owner
        self.usesTLS = usesTLS
        self.spinWait = spinWait
        holdsBack = Self.canHoldBack && !usesTLS && owner.message == nil && address.isTCP
        pingInterval = options.pingInterval
        output = RedisOutput(maxBytes: options.maxBufferedBytes)
        reader = RedisReader(limit: Self.largestText)
        ready = loop.makePromise()
        gone = loop.makePromise()
    }

    /// Succeeds when commands may be sent; fails when that will not be.
    var whenReady: EventLoopFuture<Void> { ready.futureResult }
    /// Why it ended, when it has ended.
    var whenGone: EventLoopFuture<TransportError> { gone.futureResult }
}

// MARK: - Commands

extension RedisConnection {
    /// Sends the command that `write` writes, and as many behind it as are `more`, for whose replies nobody waits.
    @inline(__always)
    func send(_ expected: RedisExpected, more: Int = 0, _ write: (inout ByteBuffer, inout ByteBuffer) -> Void) {
        switch output.append(expected, more: more, write) {
        case .quietly: break
        case .first: flushSoon()
        case .enough: if loop.inEventLoop { flush() }
        case .refused(let error): fail(expected, error)
        }
    }

    /// Sends a command of texts.
    func send(_ arguments: [String], _ expected: RedisExpected = .nothing) {
        send(expected) { bytes, _ in bytes.writeCommand(arguments) }
    }

    /// Sends a command and waits for its reply. An error of Redis is thrown; `action` says what was tried.
    func ask(
        _ arguments: [String], _ action: String, within time: Duration
    ) async throws(TransportError) -> RedisReply {
        let reply = try await replies(to: [arguments], action, within: time)
        guard let first = reply.first else { throw TransportError(.disconnected, "\(action): no answer") }
        if let error = first.error { throw TransportError(redis: error, action) }
        return first
    }

    /// Sends commands in one go and waits for all replies, errors among them.
    func replies(
        to commands: [[String]], _ action: String, within time: Duration
    ) async throws(TransportError) -> [RedisReply] {
        let promises = commands.map { _ in loop.makePromise(of: RedisReply.self) }
        let all = EventLoopFuture.whenAllSucceed(promises.map(\.futureResult), on: loop)
        let late = TransportError(.timeout, "\(action): no answer from \(address) within \(time)")
        let timer = loop.scheduleTask(in: TimeAmount(time)) { for promise in promises { promise.fail(late) } }
        for (command, promise) in zip(commands, promises) {
            send(command, .reply { promise.completeWith($0.mapError { $0 as any Error }) })
        }
        defer { timer.cancel() }
        do {
            return try await all.get()
        } catch {
            throw error as? TransportError ?? TransportError(.disconnected, action, cause: error)
        }
    }

    /// Closes; what waits fails with `error`.
    func close(_ error: TransportError) { loop.execute { self.end(error) } }

    /// Writes what waits, and closes once Redis has answered all of it: what comes then is refused with `error`. After
    /// `time` it closes anyway; what has left and is not answered may have been done.
    func closeGently(_ error: TransportError, within time: Duration) {
        loop.execute {
            self.isClosing = true
            self.farewell = error
            self.loop.scheduleTask(in: TimeAmount(time)) {
                self.end(TransportError(.disconnected, "no answer from \(self.address) within \(time)"))
            }
            self.closeWhenAnswered(error)
        }
    }

    func closeWhenAnswered(_ error: TransportError) {
        flush()
        readIdleReplies()
        guard expected.isEmpty else { return }
        end(error)
    }
}

// MARK: - Writing

extension RedisConnection {
    /// Writes what waits when the loop has done what it is at, in its turn or after it.
    private func flushSoon() {
        guard loop.inEventLoop, LoopTurn.calls(self) else { return loop.execute { self.flush() } }
    }

    /// Writes what waits.
    func flush() {
        guard !hasEnded, let context, let bytes = output.take(into: &expected) else { return }
        let size = bytes.readableBytes
        // Before Redis can answer.
        holdBackIdleReplies()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        // What SwiftNIO keeps below its watermark counts as gone.
        if context.channel.isWritable { output.left(size) } else { leaving += size }
        spinWait?.sent()
    }

    /// Asks whether Redis is still there when nothing else is asked; two questions without an answer are a cut.
    func beat() {
        missed = hasHeard ? 0 : missed + 1
        hasHeard = false
        if missed > 2 {
            return end(TransportError(.disconnected, "no answer from \(address) for \(pingInterval * 2)"))
        }
        guard expected.isEmpty else { return readIdleReplies() }
        send(
            ["PING"],
            .reply { [owner] in
                if case .success(let reply) = $0, let error = reply.error { owner.refused(error) }
            })
    }
}

extension RedisConnection: LoopTurn.Writer {
    func turnEnds() { flush() }
}
