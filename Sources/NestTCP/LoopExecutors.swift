import NIOCore

/// The task executor of each event loop: one for all connections of a loop, so that their jobs share its ticks.
struct LoopExecutors: Sendable {
    private let executors: [ObjectIdentifier: LoopTaskExecutor]

    init(group: any EventLoopGroup) {
        var executors: [ObjectIdentifier: LoopTaskExecutor] = [:]
        for loop in group.makeIterator() { executors[ObjectIdentifier(loop)] = LoopTaskExecutor(loop) }
        self.executors = executors
    }

    func executor(of loop: any EventLoop) -> LoopTaskExecutor {
        executors[ObjectIdentifier(loop)] ?? LoopTaskExecutor(loop)
    }
}
