import Logging
import NIOCore

/// From records to messages.
extension KafkaIntake: KafkaRecordSink {
    func take(
        lent message: KafkaBatch.Message, _ bytes: consuming KafkaBytes, from assignment: KafkaAssignment
    ) {
        let body = bytes.value
        var delivery = delivery(lent: message, bytes, assignment)
        take(delivery, body, from: assignment)
        if isKnownUniquelyReferenced(&delivery), delivery.isAlone() { spare = delivery } else { delivery.keep() }
    }

    func take(_ record: consuming KafkaRecord, from assignment: KafkaAssignment) {
        let body = record.value
        let delivery = KafkaDelivery(nextID(), record, assignment.role, assignment, budget)
        delivery.keep()
        take(delivery, body, from: assignment)
    }

    private func delivery(
        lent message: KafkaBatch.Message, _ bytes: consuming KafkaBytes, _ assignment: KafkaAssignment
    ) -> KafkaDelivery {
        if let spare = spare.take(), spare.role == assignment.role {
            spare.become(nextID(), lent: message, bytes, assignment)
            return spare
        }
        let record = KafkaRecord(
            message, bytes, assignment.name, headers: KafkaRecordHeaders(lent: message, headers))
        return KafkaDelivery(nextID(), record, assignment.role, assignment, budget)
    }

    @inline(__always)
    private func take(_ delivery: KafkaDelivery, _ body: consuming ByteBuffer?, from assignment: KafkaAssignment) {
        guard let body else { return assignment.finish(delivery.offset) }
        var message = IncomingMessage(kind: .emit, frame: body, pattern: .none, payload: .none)
        let fault = readEnvelope(of: delivery, into: &message)
        message.audience = .group
        guard assignment.role == .events else {
            return takeAnyhow(consume message, delivery, fault, from: assignment)
        }
        // Other groups may want it. It is a first try: later ones come from topics of their own.
        guard fault != nil || isWanted(message) else { return assignment.finish(delivery.offset) }
        (message.kind, message.deadline, message.attempt) = (.emit, nil, 1)
        message.hasHeadersInMetadata = true
        takeNow(consume message, delivery, fault: fault)
    }

    /// A request, or an event that is only for us. What its headers say of it counts.
    private func takeAnyhow(
        _ message: consuming IncomingMessage, _ delivery: KafkaDelivery, _ fault: String?,
        from assignment: KafkaAssignment
    ) {
        let headers = delivery.headers
        message.adopt(headers)
        if assignment.role == .retries { message.kind = .emit }
        guard message.kind == .send else {
            message.deadline = nil
            return takeNow(message, delivery, fault: fault)
        }
        if isOver(message, since: delivery.timestamp) { return assignment.finish(delivery.offset) }
        (delivery.answer, delivery.isOrdered) = (answerAddress(message, headers), false)
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
        let delivery = KafkaDelivery(nextID(), record, .events, nil, budget)
        delivery.keep()
        var message = IncomingMessage(kind: .emit, frame: body, pattern: .none, payload: .none)
        let fault = readEnvelope(of: delivery, into: &message)
        // The group has it too, and says what is wrong with it.
        guard fault == nil, plan.everyone.covers(message) else { return }
        message.hasHeadersInMetadata = true
        (message.kind, message.audience, message.deadline, message.attempt) = (.emit, .everyone, nil, 1)
        takeNow(message, delivery)
    }

    /// Reads the body, which is the message's frame, as an envelope, or as the payload of what the record's headers or its
    /// topic name; otherwise returns what is wrong with it.
    @inline(__always)
    private func readEnvelope(of delivery: KafkaDelivery, into message: inout IncomingMessage) -> String? {
        let range = ByteRange(message.frame.readerIndex, message.frame.writerIndex)
        return reader.read(range, into: &message) ? nil : readBody(of: delivery.record, in: range, into: &message)
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
