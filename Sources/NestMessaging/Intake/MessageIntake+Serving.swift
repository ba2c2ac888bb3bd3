public import NIOCore
public import Synchronization

/// From messages to handlers. What every message goes through is compiled into the transport, for its class: see
/// `Documentation/writing-a-transport.md` for what that takes.
extension MessageIntake {
    /// Serves what was just read, then ends the turn.
    @inlinable
    package func takeAll() {
        pump()
        endTurn()
    }

    /// Serves what has come, as far as there are places.
    @inlinable
    package func pump() {
        while let message = nextForTask() { run(message) }
    }

    /// The next message that needs a task; those that need none are served on the way.
    ///
    /// What has waited goes first, then what has come. Each way has a line of its own: a message that came from one of
    /// several would be copied.
    @inlinable
    package func nextForTask() -> IncomingMessage? {
        let state = self.state
        while state.inFlight < state.limits.maxInFlight {
            if !state.waiting.isEmpty {
                guard let message = takeWaiting() else { return nil }
                if let message = serveAtOnce(message) { return message }
            } else if let message = pull() {
                if let message = serveAtOnce(message) { return message }
            } else {
                guard let message = pullDelivery() else { return nil }
                if let message = serveAtOnce(message) { return message }
            }
        }
        // Their deadlines run from here on, not from when there is a place.
        while let message = pull() { wait(message) }
        return nil
    }

    /// Gives back a message that needs a task.
    @inlinable
    package func serveAtOnce(_ message: consuming IncomingMessage) -> IncomingMessage? {
        let state = self.state
        switch state.dispatcher.dispatchInline(message, &state.writer) {
        case .written(let context):
            writeReply(to: context.incoming)
            replied(to: context.incoming)
        case .ran(let outcome, let context): carryOut(outcome, context.incoming)
        case .refused(let outcome, let message): carryOut(outcome, message)
        case .needsTask(let message): return message
        }
        return nil
    }

    @inlinable
    package func takeWaiting() -> IncomingMessage? {
        let state = self.state
        guard !state.waiting.isEmpty, let message = state.waiting.popFirst() else { return nil }
        state.waitingBytes -= message.frame.readableBytes
        return message
    }

    /// There is no place. When too many wait, a caller is told, and an event is lost.
    @usableFromInline package func wait(_ message: IncomingMessage) {
        let (state, size) = (self.state, message.frame.readableBytes)
        let limits = state.limits
        guard state.waiting.count < limits.maxWaiting, state.waitingBytes + size <= limits.maxWaitingBytes else {
            if message.kind == .emit { return dropped(message) }
            let error = TransportError(.overloaded, "too many messages wait for this service")
            return carryOut(.reply(.failure(error)), message)
        }
        state.waitingBytes += size
        state.waiting.append(message)
    }

    /// After a turn: what others want to know of it, and whether more may be read.
    @inlinable
    package func endTurn() {
        let state = self.state
        state.inFlightCount.store(state.inFlight, ordering: .relaxed)
        state.waitingCount.store(state.waiting.count, ordering: .relaxed)
        afterTurn()
        if state.inFlight == 0, !state.idlers.isEmpty { callIdlers() }
    }
}

// MARK: - Runs

extension MessageIntake {
    /// Serves a message, and those behind it as long as no handler suspends.
    @inlinable
    package func run(_ message: IncomingMessage) {
        let state = self.state
        state.inFlight += 1
        state.lastRun &+= 1
        let run = state.lastRun
        state.current = run
        let task = Task.immediate(executorPreference: state.loop) { await self.serve(message, run) }
        guard state.current == run else { return }
        state.current = 0
        guard let served = state.served else { return }
        state.suspended[run] = IntakeState.Run(task: task, message: served)
    }

    /// The body of a run. A run that has suspended ends with its message: others have gone on meanwhile.
    @inlinable
    package func serve(_ first: IncomingMessage, _ run: Int) async {
        let state = self.state
        var message = first
        while true {
            state.served = message
            let outcome = await state.dispatcher.dispatch(message)
            if case .stream(let stream) = outcome {
                await answer(with: stream, to: message, run)
                break
            }
            if state.phase != .closed { carryOut(outcome, message) }
            guard state.current == run, let next = nextForTask() else {
                state.inFlight -= 1
                break
            }
            message = next
        }
        guard state.current != run else { return state.current = 0 }
        state.suspended[run] = nil
        takeAll()
    }
}
