import CRdKafka
import Logging
import NIOCore

/// What becomes of records.
extension KafkaIntake {
    func acknowledge(_ delivery: KafkaDelivery, _ message: IncomingMessage, as end: DeliveryEnd) {
        delivery.assignment?.finish(delivery.offset)
    }

    /// Its offset is not passed: whoever has the partition next gets it again.
    func giveBack(_ held: Held) {}

    /// A copy goes to a topic where it waits for its time.
    func retry(_ held: Held, after delay: Duration, ticket: UInt64) -> DeliveryRetry {
        let (delivery, milliseconds) = (held.delivery, KafkaPlan.milliseconds(delay))
        guard delivery.assignment != nil, let topic = plan.retries[milliseconds], let session else { return .refused }
        var headers = delivery.record.headers
        headers[HeaderName.attempt] = String(held.message.attempt + 1)
        headers[KafkaHeader.dueAt] = String(WallClock.milliseconds() + milliseconds)
        headers[KafkaHeader.origin] = "\(delivery.topic) \(delivery.partition)"
        return move(delivery.record, to: topic, headers, ticket, session) == nil ? .sent : .refused
    }

    func store(_ letter: DeadLetter, of held: Held, ticket: UInt64) -> Bool {
        guard let session else { return false }
        let (message, delivery) = (held.message, held.delivery)
        guard delivery.assignment != nil else {
            // What every instance gets is kept by none.
            loop.execute { self.confirm(ticket, .success(.null)) }
            return true
        }
        var own = delivery.record.headers
        for header in message.headers { own[header.name] = header.value }
        own[KafkaHeader.dueAt] = nil
        own[KafkaHeader.origin] = nil
        let headers = letter.headers(
            adding: own, source: "\(delivery.topic)[\(delivery.partition)]@\(delivery.offset)",
            attempt: message.attempt)
        let code = move(delivery.record, to: plan.dead, headers, ticket, session)
        guard code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE else { return code == nil }
        return storeWithoutBody(delivery.record, headers, ticket, session)
    }

    /// Others may write larger records than we do. The letter tells where the record is; nothing behind it waits for it.
    private func storeWithoutBody(
        _ record: KafkaRecord, _ headers: MessageHeaders, _ ticket: UInt64, _ session: KafkaSession
    ) -> Bool {
        let size = record.value?.readableBytes ?? 0
        state.logger.warning(
            "a dead letter is kept without its body, which has more than `maxMessageBytes`",
            metadata: [LogKey.transport: "kafka", "nest.record": "\(record.name)@\(record.offset)"])
        var headers = headers
        headers[KafkaHeader.bytes] = String(size)
        return move(record.withoutValue(), to: plan.dead, headers, ticket, session) == nil
    }

    private func move(
        _ record: KafkaRecord, to topic: String, _ headers: MessageHeaders, _ ticket: UInt64, _ session: KafkaSession
    ) -> rd_kafka_resp_err_t? {
        session.producer.send(
            record.value, to: topic, key: record.key, headers, KafkaProducer.Tag(id: ticket, tellsTaken: true))
    }
}
