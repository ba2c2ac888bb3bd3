import CNats
import NIOCore

extension NatsConnection {
    /// Puts a message into a stream; returns when the stream has it.
    func store(
        _ body: ByteBuffer, in subject: String, _ headers: MessageHeaders, within limit: Duration
    ) async throws(TransportError) {
        let milliseconds = Int64(max(1, limit / .milliseconds(1)))
        try await DedicatedThread.blocking { () throws(TransportError) in
            var message: OpaquePointer?
            var answer: OpaquePointer?
            defer { natsMsg_Destroy(message) }
            var status = body.withUnsafeReadableBytes { body in
                let bytes = body.assumingMemoryBound(to: CChar.self).baseAddress
                return natsMsg_Create(&message, subject, nil, bytes, CInt(clamping: body.count))
            }
            for header in headers where status == NATS_OK {
                status = natsMsgHeader_Set(message, header.name, header.value)
            }
            if status == NATS_OK { status = natsConnection_RequestMsg(&answer, self.handle, message, milliseconds) }
            guard status == NATS_OK, let answer else { throw TransportError(nats: status, "storing in `\(subject)`") }
            _ = try JetStreamConfirmation.read(NatsMessage(taking: answer)).get()
        }
    }
}
