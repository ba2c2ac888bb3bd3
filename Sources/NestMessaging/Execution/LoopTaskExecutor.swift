package import NIOCore

/// Runs tasks on an event loop. Jobs enqueued from the loop itself are run in one batch a tick, without a wake-up.
///
/// `@unchecked Sendable`: the queues are touched on the loop only; every other thread goes through `loop.execute`.
package final class LoopTaskExecutor: TaskExecutor, @unchecked Sendable {
    package let loop: any EventLoop
    @exclusivity(unchecked) private var queued: [UnownedJob] = []
    @exclusivity(unchecked) private var running: [UnownedJob] = []
    @exclusivity(unchecked) private var isScheduled = false

    package init(_ loop: any EventLoop) { self.loop = loop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard loop.inEventLoop else {
            return loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
        queued.append(job)
        guard !isScheduled else { return }
        isScheduled = true
        loop.execute { self.drain() }
    }

    /// Jobs enqueued by these jobs wait until all others have had their turn. Sockets have theirs when no job is left:
    /// whoever can go on for ever leaves the loop now and then.
    private func drain() {
        isScheduled = false
        swap(&queued, &running)
        let executor = asUnownedTaskExecutor()
        for job in running { job.runSynchronously(on: executor) }
        running.removeAll(keepingCapacity: true)
    }
}
