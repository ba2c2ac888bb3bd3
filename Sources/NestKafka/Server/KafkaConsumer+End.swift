import CRdKafka
import Logging
import NIOCore

/// How a member leaves.
extension KafkaConsumer {
    /// Commits, leaves the group, and is gone. Waits no longer than three times `time` for brokers that do not answer; the
    /// library may take longer for itself.
    func close(within time: Duration) async {
        await hearShare(within: time)
        let list = await loop.run { () -> KafkaPartitions? in
            guard !self.isClosing else { return nil }
            self.isClosing = true
            self.owner = nil
            self.loop.remove(self)
            self.batch.end()
            self.draining?.succeed()
            self.firstAssignment?.fail(TransportError(.closed, "the member was closed"))
            self.firstAssignment = nil
            // Also what is on its way: nobody hears any more whether it arrives.
            return self.positions(of: self.assignments.values)
        }
        guard let list else { return }
        let done = timers.makePromise(of: Void.self)
        let isStarted = DedicatedThread.start {
            if self.trouble.failure == nil, let error = self.commit(list, within: time) { self.noteCommit(error) }
            self.leave()
            done.succeed()
        }
        guard isStarted else { return done.succeed() }
        let limit = timers.scheduleTask(in: TimeAmount(time + time)) { done.succeed() }
        try? await done.futureResult.get()
        limit.cancel()
    }

    /// Blocks.
    private func leave() {
        let isLetIn = isLetIn
        _ = handle.ask { rd_kafka_consumer_close($0) }
        endQueue()
        if hasShare || !isLetIn { return handle.destroy() }
        logger.warning(
            "a member that has not heard its share is left as it is: librdkafka before 2.3 would end the process",
            metadata: [LogKey.transport: "kafka", "nest.group": .string(group.id)])
    }
}

// MARK: - Members without a share

extension KafkaConsumer {
    /// Before 2.3 the library ends the process when a member ends that was let into its group and has not heard what its
    /// share is (confluentinc/librdkafka#4312).
    private static let diesWithoutShare = rd_kafka_version() < 0x0203_0000

    /// Waits for its share, so that it can end. Brokers that cannot be reached will not tell.
    private func hearShare(within time: Duration) async {
        guard Self.diesWithoutShare else { return }
        let promise = timers.makePromise(of: Void.self)
        let timer = timers.scheduleTask(in: TimeAmount(time)) { promise.succeed() }
        await loop.run {
            guard self.owner != nil, !self.isClosing, !self.hasShare, self.trouble.failure == nil else {
                return promise.succeed()
            }
            self.isRetiring = true
            self.awaitingShare = promise
        }
        try? await promise.futureResult.get()
        timer.cancel()
    }

    /// True for one that must not end before it has a share. Without one it keeps a few threads and sockets. Blocks; it is
    /// not let in any more.
    private var isLetIn: Bool {
        guard Self.diesWithoutShare, !hasShare else { return false }
        _ = handle.ask { rd_kafka_unsubscribe($0) }
        return isCooperative
    }
}
