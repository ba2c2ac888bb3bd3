import Logging
import NIOCore

/// From records to messages.
extension KafkaIntake: KafkaRecordSink {
    func take(_ record: consuming KafkaRecord, from assignment: KafkaAssignment) {
        let offset = record.offset
        guard let body = record.value else { return assignment.finish(offset) }
        var message = IncomingMessage(kind: .emit, frame: body, pattern: .none, payload: .none)
        let fault = readEnvelope(of: record, into: &message)
        message.adopt(record.headers)
        switch assignment.role {
        case .requests: message.audience = .group
        case .events, .retries: (message.kind, message.audience) = (.emit, .group)
        }
        let answer = message.kind == .send ? answerAddress(message, record.headers) : nil
        let isOrdered = message.kind == .emit
        let delivery = KafkaDelivery(
            nextID(), record, assignment.role, answer: answer, isOrdered: isOrdered, assignment, budget)
        guard message.kind == .send else {
            // Other groups may want it.
            let isForUs = fault != nil || assignment.role != .events || isWanted(message)
            guard isForUs else { return assignment.finish(offset) }
            message.deadline = nil
            return takeNow(message, delivery, fault: fault)
        }
        if isOver(message, since: delivery.timestamp) { return assignment.finish(offset) }
        if let fault {
            message.metadata = delivery
            let error = TransportError(.invalidMessage, "invalid request: \(fault)")
            write(.reply(.failure(error)), to: message, stream: nil)
        }
        takeNow(message, delivery, fault: fault)
    }

    /// True for an event that a handler of the group takes. Most have the pattern of the one before.
    @inline(__always)
    private func isWanted(_ message: IncomingMessage) -> Bool {
        if let (number, isWanted) = lastWanted, number == reader.headNumber { return isWanted }
        let isWanted = plan.shared.covers(message)
        lastWanted = reader.headNumber.map { ($0, isWanted) }
        return isWanted
    }

    /// A record that every instance gets. Nothing is noted about it.
    func takeForEveryone(_ record: KafkaRecord) {
        guard let body = record.value, state.phase == .open else { return }
        var message = IncomingMessage(kind: .emit, frame: body, pattern: .none, payload: .none)
        let fault = readEnvelope(of: record, into: &message)
        // The group has it too, and says what is wrong with it.
        guard fault == nil, plan.everyone.covers(message) else { return }
        message.adopt(record.headers)
        (message.kind, message.audience, message.deadline) = (.emit, .everyone, nil)
        takeNow(message, KafkaDelivery(nextID(), record, .events, answer: nil, isOrdered: true, nil, budget))
    }

    /// Reads the body, which is the message's frame, as an envelope, or as the payload of what the record's headers or its
    /// topic name; otherwise returns what is wrong with it.
    @inline(__always)
    private func readEnvelope(of record: borrowing KafkaRecord, into message: inout IncomingMessage) -> String? {
        let range = ByteRange(message.frame.readerIndex, message.frame.writerIndex)
        return reader.read(range, into: &message) ? nil : readBody(of: record, in: range, into: &message)
    }

    private func readBody(
        of record: borrowing KafkaRecord, in range: ByteRange, into message: inout IncomingMessage
    ) -> String? {
        let body = message.frame
        if let pattern = record.headers[KafkaHeader.pattern] ?? plan.onlyPatterns[record.name.topic],
            let payload = try? Payload(json: body)
        {
            message = IncomingMessage(kind: .emit, pattern: pattern, payload: payload)
            return nil
        }
        message.patternRange = ByteRange(range.start, range.start)
        message.payloadRange = range
        do throws(EnvelopeError) {
            _ = try codec.readRequest(body, in: range)
            return "a word about a stream came where requests and events do"
        } catch {
            return error.reason
        }
    }

    private func answerAddress(_ message: IncomingMessage, _ headers: MessageHeaders) -> KafkaAddress? {
        guard let topic = message.reply, KafkaNames.problem(ofTopic: topic) == nil else { return nil }
        let partition = headers[KafkaHeader.replyPartition].flatMap { Int32($0) }.flatMap { $0 >= 0 ? $0 : nil }
        return KafkaAddress(topic: topic, partition: partition, key: message.correlationID ?? "")
    }

    /// A request that lay in its topic until after its caller had gone. What its sender calls the time left is counted from
    /// when it was written, with a tolerance: clocks differ.
    private func isOver(_ message: IncomingMessage, since timestamp: Int64?) -> Bool {
        guard let deadline = message.deadline, let timestamp else { return false }
        let (age, isAbsurd) = WallClock.milliseconds().subtractingReportingOverflow(timestamp)
        let tolerance = Int64(options.consumer.clockTolerance / .milliseconds(1))
        return !isAbsurd && age > (deadline - .now()).nanoseconds / 1_000_000 + tolerance
    }
}
