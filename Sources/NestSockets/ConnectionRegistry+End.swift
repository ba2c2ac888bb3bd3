package import NIOCore

extension ConnectionRegistry {
    /// Ends all connections, and returns when they are gone. Unless the task was cancelled, running handlers first have
    /// `time` to answer, and cancelled ones a second to say so.
    package func end(within time: Duration, on group: any EventLoopGroup) async {
        let loop = group.next()
        if !Task.isCancelled { await drain(within: time, on: loop) }
        closeAll()
        try? await whenEmpty(on: loop).get()
    }

    /// Waits for the running handlers as long as they may take, then for what cancelled ones still say.
    private func drain(within time: Duration, on loop: any EventLoop) async {
        drain()
        if await isEmpty(within: time, on: loop) { return }
        cancelHandlers()
        _ = await isEmpty(within: .seconds(1), on: loop)
    }

    private func isEmpty(within time: Duration, on loop: any EventLoop) async -> Bool {
        let result = loop.makePromise(of: Bool.self)
        whenEmpty(on: loop).map { true }.cascade(to: result)
        let timer = loop.scheduleTask(in: TimeAmount(time)) { result.succeed(false) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            (try? await result.futureResult.get()) ?? false
        } onCancel: {
            result.succeed(false)
        }
    }
}
