import NIOCore

/// The last time of a member whose place another one takes.
extension KafkaConsumer {
    /// Takes nothing more, and returns when nothing of it is being handled, or `time` is over. What was read and has not
    /// begun is left to whoever has the partitions next.
    func drain(within time: Duration, on timers: any EventLoop) async {
        let promise = timers.makePromise(of: Void.self)
        let timer = timers.scheduleTask(in: TimeAmount(time)) { promise.succeed() }
        await loop.run { self.beginDrain(promise) }
        try? await promise.futureResult.get()
        timer.cancel()
    }

    private func beginDrain(_ promise: EventLoopPromise<Void>) {
        guard let owner, !isClosing else { return promise.succeed() }
        isRetiring = true
        draining = promise
        for assignment in assignments.values { assignment.isLeaving = true }
        forgetLast()
        owner.leaving(Set(assignments.values.map(\.number)))
        watchDrain()
    }

    /// Tells who waits once nothing is being handled any more.
    func watchDrain() {
        guard let draining, let owner, owner.isQuiet(Set(assignments.values.map(\.number))) else { return }
        self.draining = nil
        draining.succeed()
    }
}
