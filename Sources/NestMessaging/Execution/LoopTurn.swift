import NIOPosix

/// Something that a loop is at, such as what a socket brought: the tasks it wakes run as its last part, and then what they
/// have written leaves. Each of both would be a job of its own for the loop otherwise.
///
/// `@unchecked Sendable`: touched on its thread only.
package final class LoopTurn: @unchecked Sendable {
    /// Has something to write when the turn ends.
    package protocol Writer: AnyObject {
        func turnEnds()
    }

    private enum Phase {
        case over
        /// It goes on.
        case open
        /// Its tasks run, and what they have written leaves. What wakes meanwhile waits for the loop: sockets have their
        /// turn between.
        case ending
    }

    private static let ofThread = ThreadSpecificVariable<LoopTurn>()

    private var phase = Phase.over
    private var executors: [LoopTaskExecutor] = []
    private var writers: [any Writer] = []

    private init() {}

    /// Runs `body` as a turn; within a turn, as a part of it.
    package static func run(_ body: () -> Void) {
        let turn = ofThread.currentValue ?? make()
        guard case .over = turn.phase else { return body() }
        turn.phase = .open
        body()
        turn.end()
    }

    /// True when this thread's turn will run the executor's jobs.
    static func runs(_ executor: LoopTaskExecutor) -> Bool {
        guard let turn = ofThread.currentValue, case .open = turn.phase else { return false }
        turn.executors.append(executor)
        return true
    }

    /// True when the writer is called at the end of this thread's turn.
    package static func calls(_ writer: any Writer) -> Bool {
        guard let turn = ofThread.currentValue else { return false }
        if case .over = turn.phase { return false }
        turn.writers.append(writer)
        return true
    }

    private static func make() -> LoopTurn {
        let turn = LoopTurn()
        ofThread.currentValue = turn
        return turn
    }

    private func end() {
        phase = .ending
        for executor in executors { executor.drain() }
        executors.removeAll(keepingCapacity: true)
        // To write may bring something to read, and more to write.
        var next = 0
        while next < writers.count {
            let writer = writers[next]
            next += 1
            writer.turnEnds()
        }
        writers.removeAll(keepingCapacity: true)
        phase = .over
    }
}
