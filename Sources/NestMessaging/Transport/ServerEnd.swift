package import NIOCore
import ServiceLifecycle

/// What a server that runs waits for.
package enum ServerEnd {
    /// Returns at graceful shutdown, at cancellation, or when `stop` is settled by somebody else. Settles it.
    package static func wait(for stop: EventLoopPromise<Void>) async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await stop.futureResult.get()
            } onGracefulShutdown: {
                stop.succeed()
            }
        } onCancel: {
            stop.succeed()
        }
    }
}
