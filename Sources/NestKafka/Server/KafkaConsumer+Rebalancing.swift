import CRdKafka
import Logging
import NIOCore

/// Partitions that come and go.
extension KafkaConsumer {
    /// The library's word, on the loop; when the member is closing, on the thread that closes it.
    func rebalanced(_ code: rd_kafka_resp_err_t, _ partitions: KafkaPartitions) {
        if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS { heardShare() }
        switch code {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS where !isClosing:
            logger.debug("partitions come", metadata: metadata(partitions))
            find(partitions, until: .now() + TimeAmount(options.operationTimeout))
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS where !isClosing:
            logger.debug("partitions go", metadata: metadata(partitions))
            revoke(partitions, isLost: handle.lend { rd_kafka_assignment_lost($0) != 0 } ?? true)
        default: unassign(partitions)
        }
    }

    private func heardShare() {
        hasShare = true
        awaitingShare?.succeed()
        awaitingShare = nil
    }

    private func metadata(_ partitions: KafkaPartitions) -> Logger.Metadata {
        [
            LogKey.transport: "kafka", "nest.group": .string(group.id),
            "nest.partitions": .string(partitions.entries.map(\.name.description).joined(separator: ", ")),
        ]
    }

    /// It was let into its group.
    var isCooperative: Bool {
        handle.lend { rd_kafka_rebalance_protocol($0).map { String(cString: $0) } } == "COOPERATIVE"
    }
}

// MARK: - Coming

extension KafkaConsumer {
    /// Finds out where to begin, beside the loop, and then begins.
    private func find(_ partitions: KafkaPartitions, until end: NIODeadline) {
        guard !isClosing else { return }
        let finder = KafkaPositions(handle: handle, group: group, options: options)
        let isStarted = DedicatedThread.start {
            let found = Result { () throws(TransportError) in try finder.find(partitions) }
            self.loop.execute { self.found(found, in: partitions, until: end) }
        }
        if !isStarted {
            let error = TransportError(.overloaded, "the system gives no more threads")
            found(.failure(error), in: partitions, until: end)
        }
    }

    /// Brokers that say no, as those do whose coordinator is on the move, are asked again a moment later.
    private func found(
        _ result: Result<[KafkaPositions.Position], TransportError>, in partitions: KafkaPartitions,
        until end: NIODeadline
    ) {
        guard case .failure = result, .now() < end else { return assign(partitions, result) }
        timers.scheduleTask(in: .milliseconds(50)) { [weak self] in
            guard let self else { return }
            self.loop.execute { self.find(partitions, until: end) }
        }
    }

    private func assign(
        _ partitions: KafkaPartitions, _ result: Result<[KafkaPositions.Position], TransportError>
    ) {
        guard !isClosing else { return }
        switch result {
        case .failure(let error):
            trouble.note(refusal: error)
            owner?.failed(error)
        case .success(let positions):
            var list = KafkaPartitions()
            list.entries = positions.map { KafkaPartitions.Entry(name: $0.name, offset: $0.offset) }
            if let error = change(&list, adds: true) {
                logger.warning(
                    "partitions cannot be taken",
                    metadata: [LogKey.transport: "kafka", LogKey.error: .string("\(error)")])
                return
            }
            for position in positions {
                add(position.name, from: position.offset, isNew: position.isNew)
            }
            forgetLast()
            // Where a new group begins is noted at once: what comes before its first commit is not lost.
            commitSoon()
            firstAssignment?.succeed()
            firstAssignment = nil
            loop.wake()
        }
    }

    private func change(_ list: inout KafkaPartitions, adds: Bool) -> TransportError? {
        let isCooperative = isCooperative
        let error = handle.lend { pointer in list.withList { change($0, adds, pointer, isCooperative) } }
        return error ?? nil
    }

    private func change(
        _ list: UnsafePointer<rd_kafka_topic_partition_list_t>?, _ adds: Bool, _ pointer: OpaquePointer,
        _ isCooperative: Bool
    ) -> TransportError? {
        guard isCooperative else {
            let code = rd_kafka_assign(pointer, adds ? list : nil)
            return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : TransportError(kafka: code, "taking partitions")
        }
        let error = adds ? rd_kafka_incremental_assign(pointer, list) : rd_kafka_incremental_unassign(pointer, list)
        guard let error else { return nil }
        defer { rd_kafka_error_destroy(error) }
        let said = rd_kafka_error_string(error).map { String(cString: $0) }
        return TransportError(kafka: rd_kafka_error_code(error), "taking partitions", reason: said)
    }
}

// MARK: - Going

/// Partitions on their way to others: what is being handled there may finish first.
struct KafkaRevocation {
    let partitions: KafkaPartitions
    let numbers: Set<UInt64>
    let deadline: NIODeadline
    /// Everything is handled, and the offsets are being committed.
    var isCommitting = false
}

extension KafkaConsumer {
    private func revoke(_ partitions: KafkaPartitions, isLost: Bool) {
        let leaving = partitions.entries.compactMap { assignments[$0.name] }
        seeking.subtract(partitions.entries.map(\.name))
        for assignment in leaving { assignment.isLeaving = true }
        forgetLast()
        let numbers = Set(leaving.map(\.number))
        guard !isLost, !leaving.isEmpty else {
            // Others have them already.
            forget(leaving, numbers)
            return unassign(partitions)
        }
        owner?.leaving(numbers)
        revocation = KafkaRevocation(
            partitions: partitions, numbers: numbers,
            deadline: .now() + TimeAmount(options.consumer.revokeTimeout))
        watchRevocation()
    }

    /// Gives partitions up once nothing is being handled there any more, or it has taken too long.
    func watchRevocation() {
        guard let revocation, !revocation.isCommitting, let owner,
            owner.isQuiet(revocation.numbers) || revocation.deadline <= .now()
        else { return }
        self.revocation?.isCommitting = true
        let leaving = assignments.values.filter { revocation.numbers.contains($0.number) }
        // Also what is on its way: the next owner begins with what has arrived.
        let list = positions(of: leaving)
        let time = options.consumer.revokeTimeout
        let isStarted = DedicatedThread.start {
            let result = self.commit(list, within: time)
            self.loop.execute { self.giveUp(leaving, revocation, result) }
        }
        if !isStarted { giveUp(leaving, revocation, TransportError(.overloaded, "the system gives no more threads")) }
    }

    private func giveUp(_ leaving: [KafkaAssignment], _ revocation: KafkaRevocation, _ error: TransportError?) {
        if let error { noteCommit(error) }
        self.revocation = nil
        forget(leaving, revocation.numbers)
        guard !isClosing else { return }
        unassign(revocation.partitions)
        loop.wake()
    }

    private func forget(_ leaving: [KafkaAssignment], _ numbers: Set<UInt64>) {
        for assignment in leaving where assignments[assignment.name] === assignment {
            assignments[assignment.name] = nil
        }
        forgetLast()
        owner?.gone(numbers)
    }

    func unassign(_ partitions: KafkaPartitions) {
        var list = partitions
        if let error = change(&list, adds: false) {
            logger.debug(
                "partitions cannot be given up",
                metadata: [LogKey.transport: "kafka", LogKey.error: .string("\(error)")])
        }
    }
}
