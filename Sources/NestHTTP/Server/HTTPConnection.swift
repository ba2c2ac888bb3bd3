import NIOCore
import Synchronization

/// One connection as seen from anywhere: its requests' task, and its handler on the event loop.
final class HTTPConnection: Sendable, ConnectionControl {
    private struct State {
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    let channel: any Channel
    let peer: String?
    private let state = Mutex(State())
    private let streaming = Atomic(false)
    private let givenUp = Atomic(false)
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
    var isGivenUp: Bool { givenUp.load(ordering: .acquiring) }
}

// MARK: - On the event loop

extension HTTPConnection {
    func attach(_ handler: ConnectionHandler) { self.handler.value = handler }

    func forget() { handler.value = nil }

    func endStream() { streaming.store(false, ordering: .relaxed) }

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
    func giveUp() {
        givenUp.store(true, ordering: .releasing)
        cancel()
    }

    /// No further requests than those that have come.
    func drain() { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }

    func close() { channel.close(promise: nil) }

    func limit(to time: Duration?) {
        let deadline = time.map { NIODeadline.now() + TimeAmount($0) }
        onLoop { $0.limitAnswer(to: deadline) }
    }

    func beginStream(isEndless: Bool, keepAlive: StreamKeepAlive?) {
        streaming.store(true, ordering: .relaxed)
        onLoop { $0.beginStream(isEndless: isEndless, keepAlive: keepAlive) }
    }

    func continueBody() { onLoop { $0.continueBody() } }
}
