@testable import NestMessaging

/// A loop that is the test's own thread.
final class InlineLoop: ServingLoop {
    func enqueue(_ job: consuming ExecutorJob) {
        UnownedJob(job).runSynchronously(on: asUnownedTaskExecutor())
    }

    func execute(_ body: @escaping @Sendable () -> Void) { body() }
}
