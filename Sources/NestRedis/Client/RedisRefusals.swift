import Synchronization

/// Streams that nobody reads: their writers are told as soon as there is somebody to tell.
final class RedisRefusals: Sendable {
    private struct State {
        var tell: (@Sendable (UInt64, RedisSession?) -> Void)?
        var broken: [UInt64] = []
    }

    private let state = Mutex(State())

    /// Who tells a writer, over a session or over the one of now.
    func bind(_ tell: @escaping @Sendable (UInt64, RedisSession?) -> Void) { state.withLock { $0.tell = tell } }

    /// An item came that nobody reads.
    func refuse(_ id: UInt64) { state.withLock(\.tell)?(id, nil) }

    /// Streams broke with their connection. A writer sees its reader's channel come back, and would wait for a word.
    func broke(_ streams: [UInt64]) { state.withLock { $0.broken += streams } }

    /// There is a session again.
    func connected(_ session: RedisSession) {
        let (tell, broken) = state.withLock { state in
            defer { state.broken = [] }
            return (state.tell, state.broken)
        }
        for id in broken { tell?(id, session) }
    }
}
