import NIOCore
import NIOPosix
import Synchronization

/// What handlers of the test service wait at, and what tests watch them by.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var inside = 0
        var most = 0
        var entered = 0
        var cancelled = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var events: [String] = []
        var watchers: [(isDue: @Sendable (State) -> Bool, promise: EventLoopPromise<Void>)] = []
    }

    private let state = Mutex(State())

    /// The most handlers that were inside at once.
    var most: Int { state.withLock { $0.most } }
    var inside: Int { state.withLock { $0.inside } }
    var events: [String] { state.withLock { $0.events } }

    /// Waits until the gate is open. Throws when the handler is cancelled.
    func pass() async throws {
        let number = update { state in
            state.entered += 1
            state.inside += 1
            state.most = max(state.most, state.inside)
            return state.entered
        }
        defer { update { $0.inside -= 1 } }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = update { state in
                    if !state.isOpen, !Task.isCancelled { state.waiting[number] = continuation }
                    return state.isOpen || Task.isCancelled
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            update { state in
                state.cancelled += 1
                return state.waiting.removeValue(forKey: number)
            }?.resume()
        }
        try Task.checkCancellation()
    }

    func open() {
        let waiting = update { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    func note(_ event: String) { update { $0.events.append(event) } }

    func waitUntil(entered count: Int) async throws { try await wait { $0.entered >= count } }
    func waitUntil(cancelled count: Int) async throws { try await wait { $0.cancelled >= count } }
    func waitUntil(events count: Int) async throws { try await wait { $0.events.count >= count } }

    private func wait(_ isDue: @escaping @Sendable (State) -> Bool) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Void.self)
        update { $0.watchers.append((isDue, promise)) }
        let timer = loop.scheduleTask(in: .seconds(10)) { promise.fail(RawPeer.Failure.tooSlow) }
        defer { timer.cancel() }
        try await promise.futureResult.get()
    }

    @discardableResult
    private func update<Value: Sendable>(_ change: (inout State) -> Value) -> Value {
        let (value, due) = state.withLock { state in
            let value = change(&state)
            let due = state.watchers.filter { $0.isDue(state) }.map(\.promise)
            let now = state
            state.watchers.removeAll { $0.isDue(now) }
            return (value, due)
        }
        for promise in due { promise.succeed() }
        return value
    }
}
