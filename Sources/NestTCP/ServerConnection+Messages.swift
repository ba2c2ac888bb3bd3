import NIOCore

/// A handler that has suspended, and the task that waits in it.
struct SuspendedRun {
    let task: Task<Void, Never>
    let kind: MessageKind
    /// What its message lies in; nil for a stream, whose reader must be heard whatever is held.
    var frame: HeldFrame?
}

/// The memory of one read, shared by all messages in it and kept until the last of them is done.
final class HeldFrame {
    let bytes: Int
    var runs = 0

    init(bytes: Int) { self.bytes = bytes }
}

/// From lines to messages to handlers.
extension ServerConnection {
    /// Serves what has come, as far as the limits allow.
    func pump() {
        while let message = nextMessage() {
            guard services.limiter.tryAcquire() else { return park(message) }
            run(message)
        }
    }

    /// The next message that needs a task; those that need none are served on the way.
    ///
    /// What changes with every message is held in variables here: members of a class cost a check at each access.
    private func nextMessage() -> IncomingMessage? {
        guard mayTake, budget > 0 else { return nil }
        var lines = self.lines
        var output = self.output
        self.output = ByteBuffer()
        var left = budget
        defer {
            if left < budget { hasEndedLine = true }
            self.lines = lines
            self.output = output
            budget = left
        }
        while left > 0, output.readableBytes < Self.outputLimit {
            switch lines.next() {
            case .line(let range):
                left &-= 1
                if let message = take(range, of: lines.bytes, &output) { return message }
            case .incomplete:
                isStarved = true
                return nil
            case .tooLong:
                refuseLongLine(&output)
                lines = LineBuffer(limit: services.options.maxFrameBytes)
                return nil
            }
        }
        return nil
    }

    /// The peer has closed its direction: what it sent last counts as a line without a newline at its end.
    func takeLastLine() {
        guard isStarved, mayTake, let line = lines.rest() else { return }
        defer { flush() }
        guard let message = take(line, of: lines.bytes, &output) else { return }
        guard services.limiter.tryAcquire() else { return park(message) }
        run(message)
    }

    /// Reads a line, and serves it at once if its handler needs no task.
    @inline(__always)
    private func take(_ line: ByteRange, of frame: ByteBuffer, _ output: inout ByteBuffer) -> IncomingMessage? {
        do throws(EnvelopeError) {
            switch try services.codec.readRequest(frame, in: line) {
            case .message(let message):
                guard message.hasStringID else {
                    refuse("id is missing or no string", id: nil, &output)
                    return nil
                }
                switch services.dispatcher.dispatchInline(message, &shared.writer) {
                case .written(let context): writeReply(to: context.incoming, &output)
                case .ran(let outcome, let context): answer(outcome, to: context.incoming, &output)
                case .refused(let outcome, let message): answer(outcome, to: message, &output)
                case .needsTask(let message): return message
                }
            case .control(let control, let id): tell(control, id)
            }
        } catch {
            refuse(error.reason, id: error.id, &output)
        }
        return nil
    }
}

// MARK: - Runs

extension ServerConnection {
    /// The server is full: this message waits, and its connection is not read, until there is a place.
    private func park(_ message: IncomingMessage) {
        parked = message
        services.limiter.whenAvailable { [weak self, services] in
            guard let self else { return services.limiter.release() }
            loop.execute { self.unpark() }
        }
    }

    /// A place was taken for the message that waits; without one, the next connection in line gets it.
    private func unpark() {
        guard let message = parked, phase == .open else { return services.limiter.release() }
        parked = nil
        run(message)
        scheduleTick()
    }

    /// Serves a message, and those behind it as long as no handler suspends. Takes over the place the caller has got.
    private func run(_ message: IncomingMessage) {
        lastRun &+= 1
        let run = lastRun
        current = run
        let task = Task.immediate(executorPreference: shared.executor) { await self.serve(message, run) }
        guard current == run else { return }
        current = 0
        suspended[run] = SuspendedRun(task: task, kind: currentKind, frame: currentIsStream ? nil : hold())
    }

    private func hold() -> HeldFrame {
        let held = frame ?? HeldFrame(bytes: lines.bytes.storageCapacity)
        frame = held
        if held.runs == 0 { heldBytes += held.bytes }
        held.runs += 1
        return held
    }

    /// A run does not count any more among those that keep memory.
    func letGo(of run: Int) {
        if current == run { currentIsStream = true }
        guard let held = suspended[run]?.frame else { return }
        suspended[run]?.frame = nil
        held.runs -= 1
        if held.runs == 0 { heldBytes -= held.bytes }
    }

    /// The body of a run. A run that has suspended ends with its message: others have gone on meanwhile.
    private func serve(_ first: IncomingMessage, _ run: Int) async {
        var message = first
        while true {
            currentKind = message.kind
            currentIsStream = false
            let outcome = await services.dispatcher.dispatch(message)
            loop.assertInEventLoop()
            if case .stream(let stream) = outcome {
                await answer(with: stream, to: message, run)
                break
            }
            if phase == .open { answer(outcome, to: message, &output) }
            guard current == run, let next = nextMessage() else {
                services.limiter.release()
                break
            }
            message = next
        }
        guard current != run else { return current = 0 }
        letGo(of: run)
        suspended[run] = nil
        scheduleTick()
    }

    /// A reader may be slow: the stream gives its place in the server back, and is bounded by the connection alone.
    private func answer(with stream: PayloadStream, to message: IncomingMessage, _ run: Int) async {
        guard let credit = message.streamCredit else {
            let outcome = await services.dispatcher.collect(stream, for: message)
            if phase == .open { answer(outcome, to: message, &output) }
            return services.limiter.release()
        }
        services.limiter.release()
        await send(stream, for: message, credit: credit, run)
    }
}

extension IncomingMessage {
    /// True when the id is a string, as the wire wants it; anything else could not be answered.
    fileprivate var hasStringID: Bool {
        idRange.length >= 2 && frame.getInteger(at: idRange.start, as: UInt8.self) == UInt8(ascii: "\"")
    }
}
