/// A gate that holds handlers until the test opens it: the way to have requests in flight without sleeping.
public final class Gate: Sendable {
    private struct State: Sendable {
        var isOpen = false
        var waiting = 0
    }

    private let state: Watched<State>

    /// A gate, closed unless said.
    public init(isOpen: Bool = false) { state = Watched(State(isOpen: isOpen)) }

    /// Lets everybody through, now and later.
    public func open() { state.update { $0.isOpen = true } }

    /// Holds whoever comes from now on.
    public func close() { state.update { $0.isOpen = false } }

    /// Returns once the gate is open. Throws `CancellationError` when the waiting task is cancelled.
    public func pass() async throws {
        state.update { $0.waiting += 1 }
        defer { state.update { $0.waiting -= 1 } }
        try await state.wait { $0.isOpen }
    }

    /// How many it holds now.
    public var waiting: Int { state.value.waiting }

    /// Returns once the gate holds `count` or more.
    public func eventuallyHolds(_ count: Int, within limit: Duration = .seconds(10)) async throws {
        try await state.eventually(within: limit, "\(count) wait at the gate") { $0.waiting >= count }
    }
}
