import Synchronization

extension ApplicationHost {
    private enum Closing {
        /// The start is still going on.
        case wait(Task<Void, any Error>)
        case join(Task<Void, Never>)
    }

    /// See ``Application/close()``.
    package func close() async {
        while true {
            switch closing() {
            case .wait(let start):
                start.cancel()
                _ = await start.result
            case .join(let task): return await task.value
            }
        }
    }

    private func closing() -> Closing {
        state.withLock { state in
            switch state.phase {
            case .starting(let start): return .wait(start)
            case .closing(let task): return .join(task)
            case .made, .serving: return .join(shutDown(&state))
            }
        }
    }

    /// A task of its own, so that a caller who is cancelled does not break the shutdown of the others.
    private func shutDown(_ state: inout State) -> Task<Void, Never> {
        let (signal, running, delay) = (state.signal, state.running, state.drainDelay)
        let task = Task.detached { [self] in
            await context.beforeShutdown(signal: signal)
            if let running {
                await drain(delay)
                await running.services.stop()
            }
            await context.close(signal: signal)
            self.state.withLock { $0.running = nil }
            end.open()
        }
        state.phase = .closing(task)
        return task
    }

    /// Goes on answering until those who send callers here have noticed that it is not ready.
    private func drain(_ delay: Duration) async {
        guard delay > .zero else { return }
        async let _: Void = openDrained(after: delay)
        await drained.wait()
    }

    private func openDrained(after delay: Duration) async {
        try? await Task.sleep(for: delay)
        drained.open()
    }
}
