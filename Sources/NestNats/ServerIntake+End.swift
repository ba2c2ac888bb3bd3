/// How a server ends: after its last answer, or at once.
extension ServerIntake {
    /// Nothing more is asked for. Returns what is to be told to the server.
    func beginDrain() -> [SubscriptionPlan.Source] {
        guard phase == .open else { return [] }
        phase = .draining
        kept?.stop()
        connection?.socket.isPaused = false
        return sources
    }

    /// Calls back once nothing is being handled and nothing waits.
    func whenIdle(_ body: @escaping () -> Void) {
        idlers.append(body)
        takeAll()
    }

    /// Cancels the handlers that have suspended; what they answer to it is still sent.
    func cancelHandlers() {
        for run in suspended.values { run.task.cancel() }
        for stream in streams.values { stream.credit.cancel() }
    }

    /// Callers that still wait are told `error`; what their handlers come to is nobody's business any more.
    func close(_ error: TransportError) {
        guard phase != .closed else { return }
        for run in suspended.values { write(.reply(.failure(error)), to: run.message) }
        while let message = waiting.popFirst() { write(.reply(.failure(error)), to: message) }
        kept?.close()
        phase = .closed
        cancelHandlers()
        connection?.socket.afterRead = nil
        connection = nil
        sources = []
        settle()
    }
}
