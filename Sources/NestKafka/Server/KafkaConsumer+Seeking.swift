import CRdKafka
import NIOCore

/// Going on somewhere else, while the group goes on.
extension KafkaConsumer {
    /// Goes on at these offsets in those of the partitions that are its own. `done` hears which do, as soon as the brokers
    /// have noted it; those of an order that was carried out before, at once. On the loop, as `done` is.
    func seek(
        _ targets: [KafkaSeek.Target], order: String, done: @escaping @Sendable ([KafkaSeek.Target]) -> Void
    ) {
        let repeated = targets.filter { orders[$0.name] == order }
        if !repeated.isEmpty { done(repeated) }
        let new = targets.filter { orders[$0.name] != order && assignments[$0.name]?.isLeaving == false }
        guard !new.isEmpty, !isClosing else { return }
        takeOut(new)
        let isStarted = DedicatedThread.start {
            let result = self.move(new)
            self.loop.execute { self.moved(new, result, order, done) }
        }
        if !isStarted { owner?.failed(TransportError(.overloaded, "the system gives no more threads")) }
    }

    /// What was read is of no use any more; what is being handled ends. Nothing comes from there until it is ours again.
    private func takeOut(_ targets: [KafkaSeek.Target]) {
        var numbers: Set<UInt64> = []
        for target in targets {
            guard let assignment = assignments.removeValue(forKey: target.name) else { continue }
            assignment.isLeaving = true
            numbers.insert(assignment.number)
            seeking.insert(target.name)
        }
        forgetLast()
        pause(targets.map(\.name), true)
        owner?.gone(numbers)
    }

    /// Blocks. The partitions with what became of each, and what the brokers say to the new offsets.
    private func move(_ targets: [KafkaSeek.Target]) -> (partitions: KafkaPartitions, refusal: TransportError?) {
        let time = CInt(clamping: Int64(options.operationTimeout / .milliseconds(1)))
        var list = KafkaPartitions()
        list.entries = targets.map { KafkaPartitions.Entry(name: $0.name, offset: $0.offset) }
        let error = handle.lend { pointer in list.withList { rd_kafka_seek_partitions(pointer, $0, time) } }
        if let error = error ?? nil { rd_kafka_error_destroy(error) }
        var moved = list
        moved.entries.removeAll { $0.code != RD_KAFKA_RESP_ERR_NO_ERROR }
        return (list, commit(moved, within: options.operationTimeout))
    }

    private func moved(
        _ targets: [KafkaSeek.Target], _ result: (partitions: KafkaPartitions, refusal: TransportError?),
        _ order: String, _ done: ([KafkaSeek.Target]) -> Void
    ) {
        guard !isClosing else { return }
        if let refusal = result.refusal { noteCommit(refusal) }
        var reached: [KafkaSeek.Target] = []
        for (target, entry) in zip(targets, result.partitions.entries) {
            // Another's by now: it is told again, and tells the other.
            guard seeking.remove(target.name) != nil else { continue }
            guard entry.code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                // Where it stands now nobody knows: everything begins anew with what is committed.
                owner?.failed(TransportError(kafka: entry.code, "seeking in \(target.name)"))
                return
            }
            add(target.name, from: target.offset, isNew: result.refusal != nil)
            if result.refusal == nil {
                orders[target.name] = order
                reached.append(target)
            }
        }
        forgetLast()
        if !isHeld { pause(targets.map(\.name).filter { assignments[$0] != nil }, false) }
        loop.wake()
        done(reached)
    }

    /// A partition is ours from here on.
    func add(_ name: KafkaPartitions.Name, from offset: Int64, isNew: Bool) {
        let assignment = KafkaAssignment(
            number: Self.newNumber(), name, group.topics[name.topic] ?? .events, from: offset, isNew: isNew)
        assignment.isLeaving = isRetiring
        assignments[name] = assignment
    }
}
