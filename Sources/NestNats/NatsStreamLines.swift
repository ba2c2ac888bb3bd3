import NIOCore
import Synchronization

/// Where the writers of a client's running streams hear their readers: the reply subjects of the items.
final class NatsStreamLines: Sendable {
    private let lines = Mutex<[UInt64: String]>([:])
    /// Zero as long as nobody streams, which replies need not wait for a lock to know.
    private let count = Atomic(0)

    /// Notes where the writer of a stream listens.
    func note(_ subject: UnsafeRawBufferPointer, _ number: UInt64) {
        guard !subject.isEmpty else { return }
        lines.withLock { lines in
            if lines[number] == nil { lines[number] = String(decoding: subject, as: UTF8.self) }
            count.store(lines.count, ordering: .relaxed)
        }
    }

    func forget(_ number: UInt64) {
        guard count.load(ordering: .relaxed) > 0 else { return }
        lines.withLock { lines in
            lines[number] = nil
            count.store(lines.count, ordering: .relaxed)
        }
    }

    func forgetAll() {
        lines.withLock { lines in
            lines = [:]
            count.store(0, ordering: .relaxed)
        }
    }

    /// Tells a writer what its reader says, if it is known where it listens.
    func tell(_ control: StreamControl, _ number: UInt64, over connection: NatsConnection?, _ codec: NestCodec) {
        guard let connection, let subject = lines.withLock({ $0[number] }) else { return }
        var body = ByteBuffer()
        codec.write(control, id: number, to: &body)
        _ = body.withUnsafeReadableBytes { connection.publish($0, to: subject) }
    }
}
