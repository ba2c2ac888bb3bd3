import Synchronization

/// Names that nobody else gives: a random beginning, and a number. Making one asks the system for nothing.
final class NatsIDs: Sendable {
    private let prefix = UniqueName.new()
    private let last = Atomic<UInt64>(0)

    func next() -> String { prefix + String(last.wrappingAdd(1, ordering: .relaxed).newValue) }
}
