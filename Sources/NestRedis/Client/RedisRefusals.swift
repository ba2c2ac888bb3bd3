import Synchronization

/// Streams that come though nobody reads them: their writers are told as soon as there is somebody to tell.
final class RedisRefusals: Sendable {
    private let body = Mutex<(@Sendable (UInt64) -> Void)?>(nil)

    func bind(_ body: @escaping @Sendable (UInt64) -> Void) { self.body.withLock { $0 = body } }

    func refuse(_ id: UInt64) { body.withLock { $0 }?(id) }
}
