import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The thread that reads and writes the sockets of the C library, and runs the handlers of what comes over them.
///
/// The thread ends when there is no socket and nothing to do, and is made again for what comes next.
///
/// `@unchecked Sendable`: members without a lock are touched on the loop's thread only.
final class NatsLoop: TaskExecutor, @unchecked Sendable {
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
    /// Something was put in, or is to be written, since the loop last looked.
    private let hasNews = Atomic(false)
    private let thread = Atomic<UInt>(0)
    private let bell: NatsBell

    @exclusivity(unchecked) private var queued: [UnownedJob] = []
    @exclusivity(unchecked) private var running: [UnownedJob] = []
    private var sockets: [NatsSocket] = []
    private var polled: [pollfd] = []

    init() throws(TransportError) { bell = try NatsBell() }

    /// True on the loop's own thread.
    var isCurrent: Bool { thread.load(ordering: .relaxed) == NatsThread.current }

    // MARK: From any thread

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { return queued.append(job) }
        add { $0.jobs.append(job) }
    }

    /// Runs `body` on the loop, soon.
    func execute(_ body: @escaping @Sendable () -> Void) {
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
        if !NatsThread.start({ self.run() }) { foreign.withLock { $0.isRunning = false } }
    }

    /// Runs `body` on the loop and waits for what it returns.
    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withUnsafeContinuation { continuation in
            execute { continuation.resume(returning: body()) }
        }
    }

    /// There is something to look at.
    func wake() {
        hasNews.store(true, ordering: .sequentiallyConsistent)
        guard isAsleep.load(ordering: .sequentiallyConsistent), !isCurrent else { return }
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { bell.ring() }
    }

    // MARK: On the loop

    func add(_ socket: NatsSocket) { sockets.append(socket) }

    func remove(_ socket: NatsSocket) { sockets.removeAll { $0 === socket } }
}

// MARK: - The thread

extension NatsLoop {
    private func run() {
        thread.store(NatsThread.current, ordering: .relaxed)
        repeat {
            hasNews.store(false, ordering: .sequentiallyConsistent)
            takeForeign()
            runJobs()
            for socket in sockets { socket.writeIfWanted() }
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

    /// Jobs enqueued by these jobs wait for the next turn, so that sockets have theirs in between.
    private func runJobs() {
        guard !queued.isEmpty else { return }
        swap(&queued, &running)
        let executor = asUnownedTaskExecutor()
        for job in running { job.runSynchronously(on: executor) }
        running.removeAll(keepingCapacity: true)
    }

    /// Sleeps until a socket or the bell has something, then reads what has come.
    private func wait() {
        polled.removeAll(keepingCapacity: true)
        polled.append(pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0))
        for socket in sockets { polled.append(socket.interest) }
        // Without a socket there is nothing to wait for: the thread may end.
        let sleeps = !sockets.isEmpty && queued.isEmpty && fallAsleep()
        let count = poll(&polled, nfds_t(polled.count), sleeps ? -1 : 0)
        if sleeps { isAsleep.store(false, ordering: .sequentiallyConsistent) }
        guard count > 0 else { return }
        if polled[0].revents != 0 { bell.silence() }
        for (socket, found) in zip(sockets, polled.dropFirst()) where found.revents != 0 { socket.found(found.revents) }
    }

    /// Says that the bell must be rung from now on; false when something came before that was said.
    private func fallAsleep() -> Bool {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        guard hasNews.load(ordering: .sequentiallyConsistent) else { return true }
        isAsleep.store(false, ordering: .sequentiallyConsistent)
        return false
    }

    private func goesOn() -> Bool {
        guard queued.isEmpty, sockets.isEmpty else { return true }
        return foreign.withLock { foreign in
            guard foreign.isEmpty else { return true }
            thread.store(0, ordering: .relaxed)
            foreign.isRunning = false
            return false
        }
    }
}
