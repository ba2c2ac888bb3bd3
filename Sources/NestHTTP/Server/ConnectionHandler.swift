import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Looks after one connection on its event loop: every time limit by one timer, the end at shutdown, answers that no
/// handler gives, and closing so that the last answer arrives.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    let connection: HTTPConnection
    var state: ConnectionState
    var context: ChannelHandlerContext?
    var timer: Scheduled<Void>?
    var timerAt = NIODeadline.distantFuture
    var keepAlive: ByteBuffer?
    var endsAtDrain = false
    /// How long the body of the last request is, if its head says so, and how much of it has come.
    var announced: Int?
    var received = 0
    /// The peer waits for leave to send its body.
    var awaitsContinue = false
    /// Speaks a version of HTTP that does not keep connections open.
    private var isOldPeer = false
    lazy var watch = ByteWatch(self)

    init(connection: HTTPConnection, timeouts: ConnectionTimeouts) {
        self.connection = connection
        state = ConnectionState(timeouts: timeouts, now: .now())
    }

    /// Goes to the front of the pipeline.
    var front: any ChannelHandler { watch }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        arm()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        state.close()
        timer?.cancel()
        timer = nil
        context = nil
        connection.forget()
    }
}

// MARK: - What comes

extension ConnectionHandler {
    func bytesCame() {
        if state.bytesCame(now: .now()) { arm() }
    }

    /// The request whose head comes next is in HTTP/1.0, and does not ask to keep the connection.
    func oldPeerCame() { isOldPeer = true }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .lingering = state.phase { return discard(part, context) }
        switch part {
        case .head(let head): begin(head)
        case .body(let bytes):
            received += bytes.readableBytes
            state.bodyCame(now: .now())
            if state.pending == 0, state.discard(bytes.readableBytes) { return context.close(promise: nil) }
        case .end:
            state.requestEnded()
            if state.pending == 0 { rest() }
        }
        context.fireChannelRead(data)
    }

    private func begin(_ head: HTTPRequest) {
        announced = head.headerFields[.contentLength].flatMap { Int($0) }
        received = 0
        awaitsContinue = head.headerFields[.expect]?.lowercased() == "100-continue"
        let closes = isOldPeer || head.headerFields[.connection]?.lowercased() == "close"
        state.headCame(closes: closes, now: .now())
        arm()
    }

    /// The rest of a body whose request was answered has come: the connection is free again.
    private func rest() {
        state.becameIdle(now: .now())
        arm()
    }

    private func discard(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        guard case .body(let bytes) = part else { return }
        if state.discard(bytes.readableBytes) { context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: drain(context)
        case let event as ChannelEvent where event == .inputClosed:
            inputClosed(context)
            context.fireUserInboundEventTriggered(event)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func inputClosed(_ context: ChannelHandlerContext) {
        state.inputClosed()
        if case .lingering = state.phase {
            // Giving up closes our side of it: no sign of the peer.
            if !connection.isGivenUp { context.close(promise: nil) }
            return
        }
        if connection.isStreaming { connection.cancel() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if state.pending > 0 { connection.cancel() }
        end()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        state.writability(context.channel.isWritable, now: .now())
        arm()
        context.fireChannelWritabilityChanged()
    }

    /// Bytes that are no HTTP. They are answered when nothing else has been said yet.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let problem = HTTPException(malformed: error) else { return context.fireErrorCaught(error) }
        if case .lingering = state.phase { return }
        let isCurrent = state.pending == 0 || (state.pending == 1 && state.isReading && !state.hasAnswered)
        guard isCurrent, !state.isInputClosed else { return context.fireErrorCaught(error) }
        giveUp(problem)
    }
}

// MARK: - What the connection asks for

extension ConnectionHandler {
    func limitAnswer(to deadline: NIODeadline?) {
        state.limitAnswer(to: deadline)
        arm()
    }

    func beginStream(isEndless: Bool, keepAlive: StreamKeepAlive?) {
        self.keepAlive = keepAlive?.bytes
        endsAtDrain = isEndless
        state.streams(keepAlive: keepAlive?.interval, now: .now())
        if state.isInputClosed || (isEndless && state.isDraining) { connection.cancel() }
        arm()
    }

    func continueBody() {
        guard awaitsContinue else { return }
        awaitsContinue = false
        watch.write(RawAnswer.continueBody)
    }

    private func drain(_ context: ChannelHandlerContext) {
        if state.drain() { return context.close(promise: nil) }
        if endsAtDrain { connection.cancel() }
    }
}

extension HTTPException {
    /// The problem with bytes that are no HTTP; nil for errors of another kind.
    fileprivate init?(malformed error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow:
            self.init(431, "the request's head is larger than it may be")
        case is HTTPParserError: self.init(400, "the request is not well-formed HTTP/1.1")
        case is HTTP1TypeConversionError: self.init(400, "the request is not well-formed HTTP/1.1")
        default: return nil
        }
    }
}
