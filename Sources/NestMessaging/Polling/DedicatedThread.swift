#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Threads of our own, for what may not run on Swift's shared pool.
package enum DedicatedThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// A number that no other running thread has.
    package static var current: UInt {
        #if canImport(Darwin)
            UInt(bitPattern: pthread_self())
        #else
            UInt(pthread_self())
        #endif
    }

    /// Has the current thread wait for a processor that is free, or for the end of who runs there: woken for a message, it
    /// would otherwise often push off whoever was about to give it more, and find one at a time. It gets as much time as any
    /// other. Where the system knows no such thing nothing changes.
    package static func waitForWakers() { schedule(batch) }

    /// The same for the threads that a library starts in `body`; the current one is then what it was.
    package static func startingWaiters<Value>(_ body: () -> Value) -> Value {
        #if os(Linux)
            guard sched_getscheduler(0) == usual else { return body() }
            schedule(batch)
            defer { schedule(usual) }
        #endif
        return body()
    }

    // SCHED_OTHER and SCHED_BATCH, see sched(7); Swift does not see their names.
    private static let usual: CInt = 0
    private static let batch: CInt = 3

    private static func schedule(_ policy: CInt) {
        #if os(Linux)
            var parameters = sched_param()
            sched_setscheduler(0, policy, &parameters)
        #endif
    }

    /// Starts a thread that ends with `body`; nobody waits for it. False when the system gives none.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(Body(body))
        let isStarted = create(box.toOpaque())
        if !isStarted { box.release() }
        return isStarted
    }

    private static func create(_ box: UnsafeMutableRawPointer) -> Bool {
        #if canImport(Darwin)
            var thread: pthread_t?
            guard pthread_create(&thread, nil, { DedicatedThread.enter($0) }, box) == 0, let thread else {
                return false
            }
        #else
            var thread = pthread_t()
            guard pthread_create(&thread, nil, { DedicatedThread.enter($0) }, box) == 0 else { return false }
        #endif
        pthread_detach(thread)
        return true
    }

    private static func enter(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let box { Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run() }
        return nil
    }

    /// Runs a call that blocks on a thread made for it. Its result is waited for without holding a thread of the pool.
    package static func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let result = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<Value, TransportError>, Never>) in
            let isStarted = start { continuation.resume(returning: Result(catching: body)) }
            guard !isStarted else { return }
            continuation.resume(returning: .failure(TransportError(.overloaded, "the system gives no more threads")))
        }
        return try result.get()
    }
}
