package import NIOCore
import Synchronization

/// Runs tasks on an event loop. Jobs enqueued from the loop itself are run in one batch, at the end of the ``LoopTurn`` or
/// in the loop's next tick, without a wake-up; those of other threads in one batch for each wake-up.
///
/// `@unchecked Sendable`: the queues without a lock are touched on the loop only.
package final class LoopTaskExecutor: TaskExecutor, @unchecked Sendable {
    package let loop: any EventLoop
    @exclusivity(unchecked) private var queued: [UnownedJob] = []
    @exclusivity(unchecked) private var running: [UnownedJob] = []
    @exclusivity(unchecked) private var isScheduled = false
    /// What other threads have put in since the loop last took it.
    private let foreign = Mutex<[UnownedJob]>([])
    @exclusivity(unchecked) private var taken: [UnownedJob] = []

    package init(_ loop: any EventLoop) { self.loop = loop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard loop.inEventLoop else {
            let isFirst = foreign.withLock { foreign in
                foreign.append(job)
                return foreign.count == 1
            }
            if isFirst { loop.execute { self.takeForeign() } }
            return
        }
        queued.append(job)
        guard !isScheduled else { return }
        isScheduled = true
        if LoopTurn.runs(self) { return }
        loop.execute { self.drain() }
    }

    /// They have waited a wake-up long already: they run now, and what they enqueue is run after the others.
    private func takeForeign() {
        foreign.withLock { swap(&$0, &taken) }
        let executor = asUnownedTaskExecutor()
        for job in taken { job.runSynchronously(on: executor) }
        taken.removeAll(keepingCapacity: true)
    }

    /// Jobs enqueued by these jobs wait until all others have had their turn. Sockets have theirs when no job is left:
    /// whoever can go on for ever leaves the loop now and then.
    func drain() {
        isScheduled = false
        swap(&queued, &running)
        let executor = asUnownedTaskExecutor()
        for job in running { job.runSynchronously(on: executor) }
        running.removeAll(keepingCapacity: true)
    }
}
