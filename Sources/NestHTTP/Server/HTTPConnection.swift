import HummingbirdCore
import NIOCore
import Synchronization

/// One connection as seen from anywhere: its requests' task, and its handler on the event loop.
final class HTTPConnection: Sendable, ConnectionControl {
    private struct State {
        var task: Task<Void, Never>?
        var isCancelled = false
        var route: HTTPRoute?
        var problem: HTTPException?
    }

    let channel: any Channel
    let peer: String?
    private let state = Mutex(State())
    private let streaming = Atomic(false)
    /// The status of an answer that was given in the handler's stead; 0: none was.
    private let givenUp = Atomic(0)
    private let left = Atomic(false)
    /// How many requests were begun, and which of them is to be refused.
    private let begun = Atomic(0)
    private let refused = Atomic(0)
    private let handler: NIOLoopBoundBox<ConnectionHandler?>

    /// On the channel's event loop only.
    init(_ channel: any Channel) {
        self.channel = channel
        peer = channel.remoteAddress.flatMap { address in
            address.port.map { "\(address.ipAddress ?? ""):\($0)" } ?? address.pathname
        }
        handler = NIOLoopBoundBox(nil, eventLoop: channel.eventLoop)
    }

    /// Whether a stream is being sent, which nobody reads any more when the peer closes its direction.
    var isStreaming: Bool { streaming.load(ordering: .relaxed) }

    /// Whether its request was answered in the handler's stead.
    var isGivenUp: Bool { givenUp.load(ordering: .acquiring) != 0 }

    /// The status that the peer has seen, or would have seen, whatever the handler says: its answer reaches nobody. 499
    /// is what logs and metrics know as a peer that did not wait.
    var fate: Int? {
        let status = givenUp.load(ordering: .acquiring)
        if status != 0 { return status }
        return left.load(ordering: .acquiring) ? 499 : nil
    }

    /// The route of the request that is being handled.
    var route: HTTPRoute? { state.withLock { $0.route } }
}

// MARK: - On the event loop

extension HTTPConnection {
    func attach(_ handler: ConnectionHandler) { self.handler.value = handler }

    func forget() { handler.value = nil }

    func endStream() { streaming.store(false, ordering: .relaxed) }

    /// The request of this number, counted from 1, cannot be served. It is the connection's last.
    func refuse(_ number: Int, _ problem: HTTPException) {
        state.withLock { $0.problem = problem }
        refused.store(number, ordering: .releasing)
    }

    func peerLeft() { left.store(true, ordering: .releasing) }

    private func onLoop(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
        if channel.eventLoop.inEventLoop {
            if let handler = handler.value { body(handler) }
        } else {
            channel.eventLoop.execute { [handler] in
                if let handler = handler.value { body(handler) }
            }
        }
    }
}

// MARK: - From anywhere

extension HTTPConnection {
    /// The task that reads requests and answers them.
    func own(_ task: Task<Void, Never>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    /// Cancels what its requests do, and with it the connection: there is no way back.
    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    /// The request was answered in the handler's stead.
    func giveUp(status: Int) {
        givenUp.store(status, ordering: .releasing)
        cancel()
    }

    /// The next request begins; why it is to be refused, if it is.
    func beginRequest() -> HTTPException? {
        let number = begun.wrappingAdd(1, ordering: .relaxed).newValue
        guard refused.load(ordering: .acquiring) == number else { return nil }
        return state.withLock { $0.problem }
    }

    /// The request is for this route; nil: it has been handled.
    func serves(_ route: HTTPRoute?) { state.withLock { $0.route = route } }

    /// The request, with a body that tells us when somebody waits for it, if it is not here already.
    func watched(_ request: HummingbirdRequest) -> HummingbirdRequest {
        if channel.eventLoop.inEventLoop, handler.value?.state.isReading != true { return request }
        var request = request
        request.body = RequestBody(asyncSequence: AwaitedBody(base: request.body, connection: self))
        return request
    }

    /// No further requests than those that have come.
    func drain() { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }

    func close() { channel.close(promise: nil) }

    func limit(to time: Duration?) {
        let limit = time.map { TimeAmount($0) }
        onLoop { $0.limitAnswer(to: limit) }
    }

    func beginStream(isEndless: Bool, keepAlive: StreamKeepAlive?) {
        streaming.store(true, ordering: .relaxed)
        onLoop { $0.beginStream(isEndless: isEndless, keepAlive: keepAlive) }
    }

    func continueBody() { onLoop { $0.continueBody() } }

    func awaitBody(_ isAwaited: Bool) { onLoop { $0.awaitBody(isAwaited) } }
}
