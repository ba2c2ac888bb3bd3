import NIOCore
import Synchronization

/// The running streams of a client: over which connection each of them is read, and where its writer hears its reader,
/// which is the reply subject of its items.
///
/// While one connection takes over from another, both are sent what comes; a stream goes on where it began.
final class NatsStreamLines: Sendable {
    /// What to do with a message of a stream.
    enum Verdict {
        case take
        /// The stream is read over another connection, which is sent the message as well.
        case ignore
        /// Nobody reads such a stream.
        case refuse
    }

    private struct Line {
        let owner: ObjectIdentifier
        /// Nil as long as no item has come.
        var subject: String?
    }

    private struct State {
        var lines: [UInt64: Line] = [:]
        /// Who waits until no stream is read over a connection.
        var waiting: [ObjectIdentifier: EventLoopPromise<Void>] = [:]
    }

    private let state = Mutex(State())
    /// Zero as long as nobody streams, which replies need not wait for a lock to know.
    private let count = Atomic(0)

    /// A stream is about to be asked for.
    func open(_ number: UInt64, over connection: NatsConnection) {
        change { $0.lines[number] = Line(owner: ObjectIdentifier(connection)) }
    }

    /// Notes where the writer of a stream listens.
    func note(_ subject: UnsafeRawBufferPointer, _ number: UInt64, over connection: NatsConnection?) -> Verdict {
        state.withLock { state in
            guard let line = state.lines[number] else { return .refuse }
            guard let connection, line.owner == ObjectIdentifier(connection) else { return .ignore }
            if line.subject.map({ !$0.utf8.elementsEqual(subject) }) ?? true {
                state.lines[number]?.subject = String(decoding: subject, as: UTF8.self)
            }
            return .take
        }
    }

    /// What to do with the last message of a stream, or with the reply to a call that asked for none.
    @inline(__always)
    func end(_ number: UInt64, over connection: () -> NatsConnection?) -> Verdict {
        count.load(ordering: .relaxed) == 0 ? .take : endStream(number, over: connection())
    }

    private func endStream(_ number: UInt64, over connection: NatsConnection?) -> Verdict {
        change { state in
            guard let line = state.lines[number] else { return .take }
            guard let connection, line.owner == ObjectIdentifier(connection) else { return .ignore }
            state.lines[number] = nil
            return .take
        }
    }

    func forget(_ number: UInt64) {
        guard count.load(ordering: .relaxed) > 0 else { return }
        change { $0.lines[number] = nil }
    }

    func forgetAll() { change { $0.lines = [:] } }

    /// Returns once no stream is read over a connection, or after a while; the streams that are left are forgotten and
    /// returned.
    func leave(_ connection: NatsConnection, within limit: Duration, on timers: any EventLoop) async -> [UInt64] {
        let owner = ObjectIdentifier(connection)
        let done = timers.makePromise(of: Void.self)
        change { $0.waiting[owner] = done }
        let timer = timers.scheduleTask(in: TimeAmount(limit)) { [self] in
            change { $0.waiting[owner] = nil }; done.succeed()
        }
        try? await done.futureResult.get()
        timer.cancel()
        return change { state in
            let left = state.lines.filter { $0.value.owner == owner }.map(\.key)
            for number in left { state.lines[number] = nil }
            return left
        }
    }

    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, done) = state.withLock { state -> (Result, [EventLoopPromise<Void>]) in
            let result = body(&state)
            count.store(state.lines.count, ordering: .relaxed)
            guard !state.waiting.isEmpty else { return (result, []) }
            let owners = Set(state.lines.values.map(\.owner))
            let done = state.waiting.filter { !owners.contains($0.key) }
            for owner in done.keys { state.waiting[owner] = nil }
            return (result, Array(done.values))
        }
        for promise in done { promise.succeed() }
        return result
    }

    /// Tells a writer what its reader says, if it is known where it listens.
    func tell(_ control: StreamControl, _ number: UInt64, over connection: NatsConnection, _ codec: NestCodec) {
        guard let subject = state.withLock({ $0.lines[number]?.subject }) else { return }
        var body = ByteBuffer()
        codec.write(control, id: number, to: &body)
        _ = body.withUnsafeReadableBytes { connection.publish($0, to: subject) }
    }
}
