import NIOCore

/// How a server ends: after its last answer, or at once.
extension MessageIntake {
    /// Calls back once nothing is being handled and nothing waits.
    package func whenIdle(_ body: @escaping () -> Void) {
        state.idlers.append(body)
        takeAll()
    }

    @usableFromInline package func callIdlers() {
        let state = self.state
        guard state.inFlight == 0, state.waiting.isEmpty, isQuiet else { return }
        let all = state.idlers
        state.idlers = []
        for body in all { body() }
    }

    /// Cancels the handlers that have suspended; what they answer to it is still sent.
    package func cancelHandlers() {
        for run in state.suspended.values { run.task.cancel() }
        for stream in state.streams.values { stream.credit.cancel() }
    }

    /// Callers that still wait are told `error`; what their handlers come to is nobody's business any more. `last` is done
    /// when they are told, as long as answers can be written.
    package func close(_ error: TransportError, last: () -> Void) {
        let state = self.state
        guard state.phase != .closed else { return }
        for run in state.suspended.values { giveUp(run.message, error) }
        while let message = takeWaiting() { giveUp(message, error) }
        last()
        state.phase = .closed
        cancelHandlers()
        endTurn()
    }

    /// Waits for the running handlers as long as they may take, then cancels them and waits for what they say to it. From
    /// any thread, once nothing more is taken.
    package func finishHandlers(within time: Duration) async {
        if await isIdle(within: time) { return }
        await state.loop.run { self.cancelHandlers() }
        _ = await isIdle(within: .seconds(1))
    }

    private func isIdle(within time: Duration) async -> Bool {
        let result = state.timers.makePromise(of: Bool.self)
        state.loop.execute { self.whenIdle { result.succeed(true) } }
        let timer = state.timers.scheduleTask(in: TimeAmount(time)) { result.succeed(false) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            (try? await result.futureResult.get()) ?? false
        } onCancel: {
            result.succeed(false)
        }
    }
}
