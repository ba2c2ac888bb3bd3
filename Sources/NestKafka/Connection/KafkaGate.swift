import Dispatch
import Synchronization

/// Counts who uses something that others end, so that it does not end under anybody's hands.
final class KafkaGate: Sendable {
    private static let isEnding = 1 << 62

    private let users = Atomic(0)
    private let empty = DispatchSemaphore(value: 0)

    /// False when it is ending: whoever came in leaves again.
    func enter() -> Bool {
        guard users.add(1, ordering: .acquiring).oldValue >= Self.isEnding else { return true }
        leave()
        return false
    }

    func leave() {
        if users.subtract(1, ordering: .acquiringAndReleasing).newValue == Self.isEnding { empty.signal() }
    }

    /// Lets nobody in any more, and returns when everybody has left. Blocks; called once.
    func end() {
        guard users.add(Self.isEnding, ordering: .acquiringAndReleasing).oldValue > 0 else { return }
        empty.wait()
    }
}
