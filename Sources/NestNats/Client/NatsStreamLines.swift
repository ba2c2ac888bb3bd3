import NIOCore
import Synchronization

/// Where the writers of a client's running streams hear their readers: the reply subjects of the items.
final class NatsStreamLines: Sendable {
    /// Nil as long as no item has come.
    private let lines = Mutex<[UInt64: String?]>([:])
    /// Zero as long as nobody streams, which replies need not wait for a lock to know.
    private let count = Atomic(0)

    /// A stream is about to be asked for.
    func open(_ number: UInt64) { change { $0[number] = .some(nil) } }

    /// Notes where the writer of a stream listens. False for a stream that nobody reads.
    func note(_ subject: UnsafeRawBufferPointer, _ number: UInt64) -> Bool {
        lines.withLock { lines in
            guard let line = lines[number] else { return false }
            if line == nil { lines[number] = String(decoding: subject, as: UTF8.self) }
            return true
        }
    }

    func forget(_ number: UInt64) {
        guard count.load(ordering: .relaxed) > 0 else { return }
        change { $0[number] = nil }
    }

    func forgetAll() { change { $0 = [:] } }

    private func change(_ body: (inout [UInt64: String?]) -> Void) {
        lines.withLock { lines in
            body(&lines)
            count.store(lines.count, ordering: .relaxed)
        }
    }

    /// Tells a writer what its reader says, if it is known where it listens.
    func tell(_ control: StreamControl, _ number: UInt64, over connection: NatsConnection, _ codec: NestCodec) {
        guard let subject = lines.withLock({ $0[number] ?? nil }) else { return }
        var body = ByteBuffer()
        codec.write(control, id: number, to: &body)
        _ = body.withUnsafeReadableBytes { connection.publish($0, to: subject) }
    }
}
