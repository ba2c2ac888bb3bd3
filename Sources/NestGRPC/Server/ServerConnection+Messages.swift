import NIOCore

/// From complete requests to handlers.
extension ServerConnection {
    /// Messages taken in one turn of the loop; then its other connections have theirs.
    static let burst = 256

    /// True while there is room for one more message and its answer. Handlers whose callers have gone count until they
    /// have ended.
    var mayTake: Bool {
        phase == .open && parked == nil && suspended.count < services.options.maxConcurrentStreams
    }

    /// Serves what has come, as far as the limits allow.
    func pump() {
        while let stream = nextStream() {
            guard services.limiter.tryAcquire() else { return park(stream) }
            run(stream)
        }
    }

    /// The next request that needs a task; those that need none are served on the way.
    private func nextStream() -> ServerStream? {
        guard mayTake else { return nil }
        while budget > 0, let stream = ready.popFirst() {
            guard !stream.isClosed, !stream.isAnswered, let message = stream.message else {
                if stream.isClosed { abandoned -= 1 }
                continue
            }
            budget -= 1
            switch services.dispatcher.dispatchInline(message, &shared.writer) {
            case .written: replyWritten(to: stream)
            case .ran(let outcome, _), .refused(let outcome, _): answer(outcome, stream)
            case .needsTask: return stream
            }
            letGo(of: stream)
        }
        return nil
    }

    /// The server is full: this request waits until there is a place.
    private func park(_ stream: ServerStream) {
        parked = stream
        services.limiter.whenAvailable { [weak self, services] in
            guard let self else { return services.limiter.release() }
            loop.execute { self.unpark() }
        }
    }

    /// A place was taken for the request that waits. Without one, the next in line gets it.
    private func unpark() {
        guard let stream = parked, phase == .open else { return services.limiter.release() }
        parked = nil
        if stream.isClosed || stream.isAnswered { services.limiter.release() } else { run(stream) }
        scheduleTick()
    }

    /// Serves a request, and those behind it as long as no handler suspends. Takes over the place the caller has got.
    private func run(_ stream: ServerStream) {
        lastRun &+= 1
        let run = lastRun
        current = run
        let task = Task.immediate(executorPreference: shared.executor) { await self.serve(stream, run) }
        guard current == run, let stream = currentStream else { return }
        current = 0
        currentStream = nil
        suspended[run] = SuspendedRun(task: task, stream: stream, kind: stream.method == .emit ? .emit : .send)
        stream.run = run
        if stream.method == .emit { answerTaken(stream) }
        watchDeadline(of: stream)
    }

    /// The body of a run. A run that has suspended ends with its request: others have gone on meanwhile.
    private func serve(_ first: ServerStream, _ run: Int) async {
        var stream = first
        while let message = stream.message {
            currentStream = stream
            let outcome = await services.dispatcher.dispatch(message)
            loop.assertInEventLoop()
            if case .stream(let items) = outcome {
                await answer(with: items, to: stream, message, run)
                break
            }
            answer(outcome, stream)
            letGo(of: stream)
            guard current == run, let next = nextStream() else {
                services.limiter.release()
                break
            }
            stream = next
        }
        guard current != run else {
            currentStream = nil
            return current = 0
        }
        letGo(of: stream)
        stream.run = 0
        suspended[run] = nil
        scheduleTick()
    }

    /// A reader may be slow: the stream gives its place in the server back, and is bounded by the connection alone.
    private func answer(
        with items: PayloadStream, to stream: ServerStream, _ message: IncomingMessage, _ run: Int
    ) async {
        guard stream.method == .sendStream else {
            let outcome = await services.dispatcher.collect(items, for: message)
            answer(outcome, stream)
            return services.limiter.release()
        }
        services.limiter.release()
        letGo(of: stream)
        await send(items, to: stream, message, run)
    }

    /// The request's bytes are not needed any more.
    func letGo(of stream: ServerStream) {
        stream.message = nil
        if stream.inflatedBytes > 0 { letGoOfInflated(stream) }
        guard stream.heldBytes > 0 else { return }
        give(back: stream.heldBytes)
        if !stream.isComplete { incompleteBytes -= stream.heldBytes }
        stream.heldBytes = 0
    }

    @inline(__always)
    func give(back bytes: Int) { session?.consume(connection: bytes) }

    /// A call is over, or its peer has given it up. Events are nobody's to cancel.
    func forget(_ stream: ServerStream) {
        stream.dropOutput()
        stream.inbox = ByteBuffer()
        stream.resumeWriter()
        stream.task?.cancel()
        watchers.remove(stream)
        stream.credit?.cancel()
        guard let run = suspended[stream.run] else {
            if stream !== currentStream { letGoUnserved(stream) }
            return
        }
        if run.kind == .send { run.task.cancel() }
    }

    private func letGoUnserved(_ stream: ServerStream) {
        let isWaiting = stream.message != nil && stream !== parked
        letGo(of: stream)
        guard isWaiting else { return }
        abandoned += 1
        guard abandoned > 64, abandoned * 2 > ready.count else { return }
        _ = ready.remove { $0.isClosed }
        abandoned = 0
    }
}
