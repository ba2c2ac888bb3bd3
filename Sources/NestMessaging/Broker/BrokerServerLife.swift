package import NIOCore
import Synchronization

/// The run of a server whose callers find it on a broker: once, from when it is ready to when it is told to end.
package final class BrokerServerLife: Sendable {
    private let broker: String
    private let hasRun = Atomic(false)

    /// `broker` is what errors call it: `NATS`.
    package init(_ broker: String) { self.broker = broker }

    /// Waits for graceful shutdown or cancellation. Then `drain` takes no more and finishes what is running, unless the
    /// task was cancelled, and `end` tells who still waits and closes the connections. Throws at the second run.
    package func run(
        on eventLoop: any EventLoop, drain: () async -> Void, end: () async -> Void
    ) async throws(ApplicationError) {
        guard !hasRun.exchange(true, ordering: .relaxed) else {
            throw ApplicationError(.alreadyRunning, "the \(broker) server was run already")
        }
        await ServerEnd.wait(for: eventLoop.makePromise(of: Void.self))
        if !Task.isCancelled { await drain() }
        await end()
    }
}
