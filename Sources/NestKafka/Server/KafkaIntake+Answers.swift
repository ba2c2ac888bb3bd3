import CRdKafka
import Logging
import NIOCore

/// From answers to records.
extension KafkaIntake {
    func writeReply(to message: IncomingMessage) {
        guard message.kind == .send, delivery(of: message)?.answer != nil else { return }
        output.clear()
        codec.write(state.writer, to: &output)
        publish(output, to: message, stream: nil)
    }

    func write(_ response: OutboundResponse, to message: IncomingMessage, stream: UInt64?) {
        guard message.kind == .send, delivery(of: message)?.answer != nil else { return }
        output.clear()
        codec.write(response, id: nil, to: &output)
        publish(output, to: message, stream: stream)
    }

    func publish(_ bytes: ByteBuffer?, to message: IncomingMessage, stream: UInt64?) {
        guard let address = delivery(of: message)?.answer else { return }
        guard let session, let inbox = session.inbox else {
            // An item of a stream does not wait: its reader is told that the stream is broken.
            if stream == nil, let bytes { unsent.keep(bytes, for: message) }
            return output = ByteBuffer()
        }
        let headers: MessageHeaders = stream.map { [KafkaHeader.writer: inbox.address($0).text] } ?? [:]
        let code = session.producer.send(
            bytes, to: address.topic, partition: address.partition, key: ByteBuffer(string: address.key), headers, .none
        )
        guard let code else { return }
        if code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, let bytes {
            return replace(bytes, to: address, session)
        }
        if code == RD_KAFKA_RESP_ERR__QUEUE_FULL, stream == nil, let bytes { return unsent.keep(bytes, for: message) }
        state.logger.debug(
            "an answer could not be sent",
            metadata: [
                LogKey.transport: "kafka", LogKey.error: .string("\(TransportError(kafka: code, "answering"))"),
            ])
    }

    /// The answer is larger than any record may be.
    private func replace(_ bytes: ByteBuffer, to address: KafkaAddress, _ session: KafkaSession) {
        output.clear()
        let error = TransportError(
            .tooLarge, "the reply has \(bytes.readableBytes) bytes, more than `maxMessageBytes` allows")
        codec.write(.reply(.failure(error)), id: nil, to: &output)
        _ = session.producer.send(
            output, to: address.topic, partition: address.partition, key: ByteBuffer(string: address.key), [:], .none)
    }
}

// MARK: - Streams

extension KafkaIntake {
    var canStream: Bool { session != nil }

    /// Records that may wait to be taken by the brokers before streams stand still.
    private static let enough = 4_096

    func waitForRoom() async {
        guard let session, session.producer.openCount > Self.enough else { return }
        await withUnsafeContinuation { continuation in session.producer.whenRoomy { continuation.resume() } }
    }

    /// What a reader says about its stream.
    func hear(_ number: UInt64, _ record: KafkaRecord) {
        guard let body = record.value else { return }
        let range = ByteRange(body.readerIndex, body.writerIndex)
        guard case .control(let control, _)? = try? codec.readRequest(body, in: range) else { return }
        tell(control, number)
    }

    /// An empty record, which a client that reads no more answers.
    func probe(_ stream: UInt64, of message: IncomingMessage) { publish(nil, to: message, stream: stream) }
}
