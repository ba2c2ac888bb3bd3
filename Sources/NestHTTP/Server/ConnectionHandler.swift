import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Looks after one connection on its event loop: every time limit by one timer, the end at shutdown, answers that no
/// handler gives, and closing so that the last answer arrives.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    let connection: HTTPConnection
    let front: HTTPFront
    var state: ConnectionState
    var context: ChannelHandlerContext?
    var timer: Scheduled<Void>?
    var timerAt = NIODeadline.distantFuture
    var keepAlive: ByteBuffer?
    var endsAtDrain = false
    /// An answer has ended since the last flush.
    var hasEnded = false
    /// Counts the times that somebody waits for the system to take everything.
    var flushMark = 0
    /// How long the body of the last request is, if its head says so, and how much of it has come.
    var announced: Int?
    var received = 0
    /// The peer waits for leave to send its body.
    var awaitsContinue = false
    /// What was found out about the request whose head comes next.
    private var coming = RequestVerdict()
    /// How many requests were handed on.
    private var taken = 0
    private var hasRefused = false
    lazy var watch = ByteWatch(self)

    init(connection: HTTPConnection, front: HTTPFront, timeouts: ConnectionTimeouts) {
        self.connection = connection
        self.front = front
        state = ConnectionState(timeouts: timeouts, now: .now())
    }

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

    func headComing(_ verdict: RequestVerdict) { coming = verdict }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .lingering = state.phase { return discard(part, context) }
        switch part {
        case .head(let head):
            guard begin(head) else { return }
        case .body(let bytes):
            if state.isIgnoring { return }
            received += bytes.readableBytes
            state.bodyCame(now: .now())
            if state.pending == 0, state.discard(bytes.readableBytes) { return context.close(promise: nil) }
        case .end:
            if state.isIgnoring { return }
            state.requestEnded(now: .now())
            if state.pending == 0 { rest() }
        }
        context.fireChannelRead(data)
    }

    /// False when there are no requests any more.
    private func begin(_ head: HTTPRequest) -> Bool {
        guard state.headCame(closes: coming.closes, now: .now()) else { return false }
        announced = head.headerFields[.contentLength].flatMap { Int($0) }
        received = 0
        awaitsContinue = head.headerFields[.expect]?.lowercased() == "100-continue"
        taken += 1
        if let problem = coming.problem {
            hasRefused = true
            connection.refuse(taken, problem)
        }
        arm()
        return true
    }

    /// The rest of a body whose request was answered has come: the connection is free again, or done.
    private func rest() { state.isFinished ? linger() : arm() }

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
        if state.pending > 0 {
            connection.peerLeft()
            connection.cancel()
        }
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let problem = HTTPException(malformed: error) else {
            if error is IOError { connection.peerLeft() }
            return context.fireErrorCaught(error)
        }
        malformed(problem, error, context)
    }

    /// Bytes that are no HTTP. They are answered when nothing else has been said yet, and make no difference behind the
    /// last request.
    private func malformed(_ problem: HTTPException, _ error: any Error, _ context: ChannelHandlerContext) {
        if case .lingering = state.phase { return }
        if hasRefused || (state.isClosing && !state.isReading) { return }
        let isCurrent = state.pending == 0 || (state.pending == 1 && state.isReading && !state.hasAnswered)
        if isCurrent, !state.isInputClosed { return giveUp(problem) }
        if state.isReading || state.isInputClosed { return context.fireErrorCaught(error) }
        refuseNext(problem, context)
    }

    /// Behind requests that are not answered yet: a request is made up that is refused in its turn.
    private func refuseNext(_ problem: HTTPException, _ context: ChannelHandlerContext) {
        coming = RequestVerdict(problem)
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        guard begin(head) else { return }
        state.requestEnded(now: .now())
        context.fireChannelRead(wrapInboundOut(.head(head)))
        context.fireChannelRead(wrapInboundOut(.end(nil)))
        context.fireChannelReadComplete()
    }
}
