import Logging
import NIOCore
import NIOTLS

/// One connection to Redis: commands from any thread on one side, a socket on the other.
///
/// What is asked within a turn of the loop leaves in one write; replies find who waits for them by their order. A
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
    private let owner: Owner
    private let pingInterval: Duration
    /// Succeeds when commands may be sent: with TLS, after the handshake.
    private let ready: EventLoopPromise<Void>
    private let gone: EventLoopPromise<TransportError>
    private let usesTLS: Bool

    @exclusivity(unchecked) private var context: ChannelHandlerContext?
    @exclusivity(unchecked) private var reader: RedisReader?
    @exclusivity(unchecked) private var expected = Fifo<RedisExpected>()
    @exclusivity(unchecked) private var hasEnded = false
    @exclusivity(unchecked) private var hasHeard = false
    private var missed = 0
    private var pulse: RepeatedTask?
    private var isSecured = false
    private var isClosing = false
    private var reason: TransportError?

    init(_ address: RedisAddress, options: RedisOptions, usesTLS: Bool, loop: any EventLoop, owner: Owner) {
        self.address = address
        self.loop = loop
        self.owner = owner
        self.usesTLS = usesTLS
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
    /// Sends the one command that `write` writes.
    @inline(__always)
    func send(_ expected: RedisExpected, _ write: (inout ByteBuffer, inout ByteBuffer) -> Void) {
        switch output.append(expected, write) {
        case .quietly: break
        case .first: loop.execute { self.flush() }
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

    /// Writes what waits, and closes once Redis has answered all of it, or after `time`.
    func closeGently(_ error: TransportError, within time: Duration) {
        loop.execute {
            self.flush()
            self.isClosing = true
            self.loop.scheduleTask(in: TimeAmount(time)) { self.end(error) }
            self.closeWhenAnswered(error)
        }
    }

    private func closeWhenAnswered(_ error: TransportError) {
        guard expected.isEmpty else { return }
        end(error)
    }
}

// MARK: - Channel events

extension RedisConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive, !usesTLS { ready.succeed() }
        let pause = TimeAmount(pingInterval)
        pulse = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in self?.beat() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if !usesTLS { ready.succeed() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            isSecured = true
            ready.succeed()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded, let reader else { return }
        hasHeard = true
        do throws(TransportError) {
            for reply in try reader.feed(unwrapInboundIn(data)) { receive(reply) }
        } catch {
            end(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !hasEnded { owner.readEnds?() }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // In TLS 1.3 a client is ready before the server has looked at its certificate.
        let refusesUs = !hasHeard && TransportError.isRefusal(error)
        end(
            isSecured && !refusesUs
                ? TransportError(losing: address, error) : TransportError(connecting: address, error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    /// The first reason is the true one; what follows it is its consequence.
    private func end(_ error: TransportError) {
        if reason == nil { reason = error }
        guard let context else { return ended() }
        context.close(promise: nil)
        ended()
    }

    private func ended() {
        guard !hasEnded else { return }
        hasEnded = true
        let error = reason ?? TransportError(.disconnected, "the connection to \(address) was lost")
        pulse?.cancel()
        let unsent = output.close(error)
        // Before the callers know: who calls again at once must not find this connection.
        gone.succeed(error)
        ready.fail(error)
        for waiter in expected.removeAll() + unsent { fail(waiter, error) }
        reader = nil
    }
}

// MARK: - Replies

extension RedisConnection {
    @inline(__always)
    private func receive(_ reply: RedisReply) {
        if let message = owner.message, reply.head.kind == .array, reply.isMessage { return message(reply) }
        guard let waiter = expected.popFirst() else {
            return end(TransportError(.disconnected, "Redis answers what nobody asked"))
        }
        switch waiter {
        case .nothing: if let error = reply.error { refused(error) }
        case .call(let id, let meaning): settle(id, meaning, reply)
        case .reply(let body):
            body(.success(reply))
            if reply.head.kind == .error, let error = reply.error { leaveIfNeeded(error) }
        }
        if isClosing { closeWhenAnswered(reason ?? TransportError(.closed, "closed")) }
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

    private func fail(_ waiter: RedisExpected, _ error: TransportError) {
        switch waiter {
        case .nothing: break
        case .call(let id, _): owner.settle(id, .failure(error))
        case .reply(let body): body(.failure(error))
        }
    }
}

// MARK: - Writing

extension RedisConnection {
    /// Writes what waits.
    func flush() {
        guard !hasEnded, let context, let batch = output.take() else { return }
        let size = batch.bytes.readableBytes
        for waiter in batch.expected { expected.append(waiter) }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { [output] _ in output.left(size) }
        context.writeAndFlush(wrapOutboundOut(batch.bytes), promise: written)
    }

    /// Asks whether Redis is still there when nothing else is asked; two questions without an answer are a cut.
    private func beat() {
        missed = hasHeard ? 0 : missed + 1
        hasHeard = false
        if missed > 2 {
            return end(TransportError(.disconnected, "no answer from \(address) for \(pingInterval * 2)"))
        }
        if expected.isEmpty { send(["PING"]) }
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
