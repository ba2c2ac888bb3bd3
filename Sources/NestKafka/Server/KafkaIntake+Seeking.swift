import NIOCore

/// What operators want of the group.
extension KafkaIntake {
    /// The group is to go on somewhere else. Who tells so hears which partitions do.
    func seek(_ record: KafkaRecord) {
        guard state.phase == .open, let answer = record.headers[KafkaHeader.seekAnswer].flatMap({ KafkaAddress($0) }),
            let body = record.value, let payload = try? Payload(json: body),
            let seek = try? payload.decode(KafkaSeek.self)
        else { return }
        for consumer in consumers where consumer.group.id == seek.group {
            consumer.seek(seek.targets, order: answer.text) { [weak self] in self?.answer($0, to: answer) }
        }
    }

    private func answer(_ done: [KafkaSeek.Target], to address: KafkaAddress) {
        guard !done.isEmpty, let payload = try? Payload(encoding: done) else { return }
        _ = session?.producer.send(
            payload.buffer, to: address.topic, partition: address.partition, key: ByteBuffer(string: address.key), [:],
            .none)
    }
}
