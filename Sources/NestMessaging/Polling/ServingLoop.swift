import NIOCore

/// Where the messages of a server are handled: one thread, which runs tasks too.
///
/// ``PollLoop`` is the loop of transports on a C library, ``LoopTaskExecutor`` that of transports on SwiftNIO.
@usableFromInline
package protocol ServingLoop: TaskExecutor {
    /// Runs `body` on the loop, soon. From any thread.
    func execute(_ body: @escaping @Sendable () -> Void)
}

extension ServingLoop {
    /// Runs `body` on the loop and waits for what it returns.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withUnsafeContinuation { continuation in
            execute { continuation.resume(returning: body()) }
        }
    }
}

extension LoopTaskExecutor: ServingLoop {
    package func execute(_ body: @escaping @Sendable () -> Void) { loop.execute(body) }
}
