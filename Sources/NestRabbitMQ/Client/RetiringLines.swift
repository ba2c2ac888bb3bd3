import Synchronization

/// Lines that others have taken over from, until nothing is under way over them.
final class RetiringLines: Sendable {
    private struct State {
        var lines: [ClientLine] = []
        var hasEnded = false
    }

    private let state = Mutex(State())

    func retire(_ line: ClientLine, streamPatience: Duration) async {
        let hasEnded = state.withLock { state in
            state.lines.append(line)
            return state.hasEnded
        }
        if hasEnded { await line.close() } else { await line.retire(streamPatience: streamPatience) }
        state.withLock { $0.lines.removeAll { $0 === line } }
    }

    /// Nobody waits for anything any more.
    func end() {
        let lines = state.withLock { state in
            state.hasEnded = true
            return state.lines
        }
        for line in lines { line.leave() }
    }
}
