import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread that polls the sockets of a C library, and runs the handlers of what comes over them.
///
/// The thread ends when there is no source and nothing to do, and is made again for what comes next.
///
/// `@unchecked Sendable`: members without a lock are touched on the loop's thread only.
package final class PollLoop: ServingLoop, @unchecked Sendable {
    /// What other threads have put in.
    private struct Foreign {
        var jobs: [UnownedJob] = []
        var work: [@Sendable () -> Void] = []
        /// There is a thread, or there will be.
        var isRunning = false

        var isEmpty: Bool { jobs.isEmpty && work.isEmpty }
    }

    private let foreign = Mutex(Foreign())
    /// True while the thread is, or is about to be, asleep: whoever makes it false rings the bell.
    private let isAsleep = Atomic(false)
    /// Other threads have put something in, or want something written, since the loop last looked.
    private let hasNews = Atomic(false)
    /// The same from the loop's own thread, since the sources had their turn.
    @exclusivity(unchecked) private var hasOwnNews = false
    private let thread = Atomic<UInt>(0)
    private let bell: PollBell

    @exclusivity(unchecked) private var queued: [UnownedJob] = []
    @exclusivity(unchecked) private var running: [UnownedJob] = []
    /// The next of them to run.
    @exclusivity(unchecked) private var next = 0
    @exclusivity(unchecked) private var sources: [any PolledSource] = []
    @exclusivity(unchecked) private var polled: [pollfd] = []

    /// Throws `overloaded` when the process has no file descriptors left.
    package init() throws(TransportError) { bell = try PollBell() }

    /// True on the loop's own thread.
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == DedicatedThread.current }
}

// MARK: - From any thread

extension PollLoop {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { return queued.append(job) }
        add { $0.jobs.append(job) }
    }

    package func execute(_ body: @escaping @Sendable () -> Void) {
        add { $0.work.append(body) }
    }

    private func add(_ change: (inout Foreign) -> Void) {
        let starts = foreign.withLock { foreign in
            change(&foreign)
            defer { foreign.isRunning = true }
            return !foreign.isRunning
        }
        guard starts else { return wake() }
        // Without a thread what was put in stays, for the next who finds one.
        if !DedicatedThread.start({ self.run() }) { foreign.withLock { $0.isRunning = false } }
    }

    /// There is something to look at.
    package func wake() {
        if isCurrent { return hasOwnNews = true }
        hasNews.store(true, ordering: .sequentiallyConsistent)
        guard isAsleep.load(ordering: .sequentiallyConsistent) else { return }
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { bell.ring() }
    }
}

// MARK: - On the loop

extension PollLoop {
    package func add(_ source: any PolledSource) { sources.append(source) }

    package func remove(_ source: any PolledSource) { sources.removeAll { $0 === source } }
}

// MARK: - The thread

extension PollLoop {
    private func run() {
        thread.store(DedicatedThread.current, ordering: .relaxed)
        repeat {
            hasNews.store(false, ordering: .sequentiallyConsistent)
            takeForeign()
            runJobs()
            // What was to be written until here is written in this turn.
            hasOwnNews = false
            for source in sources { source.turn() }
            wait()
        } while goesOn()
    }

    private func takeForeign() {
        let work = foreign.withLock { foreign -> [@Sendable () -> Void] in
            if queued.isEmpty { swap(&queued, &foreign.jobs) } else { queued += foreign.jobs }
            foreign.jobs.removeAll(keepingCapacity: true)
            defer { foreign.work = [] }
            return foreign.work
        }
        for body in work { body() }
    }

    /// So many jobs run in a turn at the most: what they have to send should be on its way while others go on.
    private static let jobsInTurn = 64

    private var hasJobs: Bool { next < running.count || !queued.isEmpty }

    /// Jobs enqueued by these jobs come behind all of them, and never in the same turn, so that sockets have theirs in
    /// between.
    private func runJobs() {
        if next == running.count {
            running.removeAll(keepingCapacity: true)
            next = 0
            swap(&queued, &running)
        }
        let end = min(running.count, next + Self.jobsInTurn)
        let executor = asUnownedTaskExecutor()
        while next < end {
            let job = running[next]
            next += 1
            job.runSynchronously(on: executor)
        }
    }

    /// Sleeps until a source or the bell has something, then has what has come read.
    private func wait() {
        polled.removeAll(keepingCapacity: true)
        polled.append(pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0))
        for source in sources { polled.append(source.interest) }
        // Without a source there is nothing to wait for: the thread may end.
        let sleeps = !sources.isEmpty && !hasJobs && !hasOwnNews && fallAsleep()
        let count = poll(&polled, nfds_t(polled.count), sleeps ? patience : 0)
        if sleeps { isAsleep.store(false, ordering: .sequentiallyConsistent) }
        guard count > 0 else { return }
        if polled[0].revents != 0 { bell.silence() }
        for (source, found) in zip(sources, polled.dropFirst()) where found.revents != 0 { source.found(found.revents) }
    }

    /// Milliseconds until a source wants its turn, rounded up; -1 without end.
    private var patience: CInt {
        guard let earliest = sources.lazy.compactMap(\.deadline).min() else { return -1 }
        return CInt(clamping: max(0, ((earliest - .now()).nanoseconds + 999_999) / 1_000_000))
    }

    /// Says that the bell must be rung from now on; false when something came before that was said.
    private func fallAsleep() -> Bool {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        guard hasNews.load(ordering: .sequentiallyConsistent) else { return true }
        isAsleep.store(false, ordering: .sequentiallyConsistent)
        return false
    }

    private func goesOn() -> Bool {
        guard !hasJobs, sources.isEmpty else { return true }
        return foreign.withLock { foreign in
            guard foreign.isEmpty else { return true }
            thread.store(0, ordering: .relaxed)
            foreign.isRunning = false
            return false
        }
    }
}
