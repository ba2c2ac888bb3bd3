import NIOCore
import Synchronization

/// The running streams of a client, and where their writers hear it.
final class KafkaStreams: Sendable {
    private struct Line {
        /// The session it is read over.
        let session: UInt64
        /// Nil as long as no item has come.
        var writer: KafkaAddress?
    }

    private struct State {
        var lines: [UInt64: Line] = [:]
        /// Who waits until no stream is read over a session.
        var waiting: [UInt64: EventLoopPromise<Void>] = [:]
    }

    private let state = Mutex(State())
    /// Zero as long as nobody streams, which replies need not wait for a lock to know.
    private let count = Atomic(0)

    /// A stream is about to be asked for.
    func open(_ number: UInt64, over session: UInt64) { change { $0.lines[number] = Line(session: session) } }

    /// A stream has ended, or nobody reads it any more.
    func forget(_ number: UInt64) {
        guard count.load(ordering: .relaxed) > 0 else { return }
        change { $0.lines[number] = nil }
    }

    /// Notes where a writer listens. False for a stream that nobody reads.
    func note(_ writer: KafkaAddress, _ number: UInt64) -> Bool {
        state.withLock { state in
            guard state.lines[number] != nil else { return false }
            state.lines[number]?.writer = writer
            return true
        }
    }

    func writer(of number: UInt64) -> KafkaAddress? { state.withLock { $0.lines[number]?.writer } }

    /// Forgets the streams of a session that is gone.
    func forgetAll(over session: UInt64) -> [UInt64] {
        change { state in
            let numbers = state.lines.filter { $0.value.session == session }.map(\.key)
            for number in numbers { state.lines[number] = nil }
            return numbers
        }
    }

    /// Waits until no stream is read over a session, as long as that may take; returns those that still are.
    func leave(_ session: UInt64, within limit: Duration, on loop: any EventLoop) async -> [UInt64] {
        let promise = loop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state in
            state.waiting[session] = promise
            return !state.lines.values.contains { $0.session == session }
        }
        if isEmpty { promise.succeed() }
        let timer = loop.scheduleTask(in: TimeAmount(limit)) { promise.succeed() }
        try? await promise.futureResult.get()
        timer.cancel()
        state.withLock { $0.waiting[session] = nil }
        return forgetAll(over: session)
    }

    private func change<Result>(_ body: (inout State) -> Result) -> Result {
        let (result, empty) = state.withLock { state in
            let result = body(&state)
            count.store(state.lines.count, ordering: .relaxed)
            let left = Set(state.lines.values.map(\.session))
            return (result, state.waiting.filter { !left.contains($0.key) }.map(\.value))
        }
        for promise in empty { promise.succeed() }
        return result
    }
}
