import NIOCore
import Synchronization

/// Where messages wait inside the process: what a broker is elsewhere.
///
/// Make one and give it to servers and clients, or let them find it by a name: ``named(_:)``.
public final class MemoryBus: Sendable {
    private static let registry = Mutex<[String: MemoryBus]>([:])

    /// The process's bus of that name; made when it is first asked for.
    public static func named(_ name: String) -> MemoryBus {
        registry.withLock { buses in
            if let bus = buses[name] { return bus }
            let bus = MemoryBus()
            buses[name] = bus
            return bus
        }
    }

    /// Its bounds.
    public let options: MemoryOptions
    private let state: Mutex<MemoryBusState>

    /// A bus that only those have who are given it.
    public init(_ options: MemoryOptions = MemoryOptions()) {
        self.options = options
        state = Mutex(MemoryBusState(options))
    }

    /// What could not be handled, the oldest first.
    public var deadLetters: [MemoryDeadLetter] { state.withLock { $0.deadLetters.kept } }

    /// What could not be handled, once there are so many; what there is when the waiting task is cancelled.
    public func deadLetters(atLeast count: Int) async -> [MemoryDeadLetter] {
        let id = state.withLock { $0.deadLetters.makeWaiterID() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { $0.deadLetters.wait(id, for: count, continuation) }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            state.withLock { $0.deadLetters.giveUp(id) }?()
        }
    }
}

// MARK: - Senders

extension MemoryBus {
    /// Takes a message. Throws `overloaded` when a queue it belongs in is full, `no_responders` without any service.
    func publish(_ delivery: MemoryDelivery) throws(TransportError) {
        try perform { (state) throws(TransportError) in try state.publish(delivery) }
    }
}

// MARK: - Servers

extension MemoryBus {
    /// Adds an instance of a service; messages wait for it from now on.
    func join(_ member: MemoryMember) -> Int { perform { $0.join(member) } }

    /// The next message for an instance, as soon as it has room for one; nil when it takes no more.
    func next(for member: Int) async -> MemoryDelivery? {
        await withUnsafeContinuation { puller in perform { $0.pull(member, puller) } }
    }

    /// An instance takes no more; what it is handling goes on.
    func stop(_ member: Int) { perform { $0.stop(member) } }

    /// An instance is gone: its callers are told, its events go to others.
    func remove(_ member: Int) { perform { $0.remove(member) } }

    /// An instance is done with a message. False when it had been removed before: then nobody wants its outcome.
    func finish(_ delivery: MemoryDelivery, by member: Int, _ end: MemoryBusState.End) -> Bool {
        perform { $0.finish(delivery, by: member, end) }
    }

    /// The time has come to try an event again.
    func retry(_ delivery: MemoryDelivery) { perform { $0.retry(delivery) } }

    /// Changes the state, then tells whom it concerns outside the lock.
    private func perform<Value, Failure: Error>(
        _ change: (inout MemoryBusState) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        var effects: [MemoryBusState.Effect] = []
        let result = state.withLock { state -> Result<Value, Failure> in
            defer { swap(&effects, &state.effects) }
            do throws(Failure) {
                return .success(try change(&state))
            } catch {
                return .failure(error)
            }
        }
        for effect in effects { effect.perform() }
        return try result.get()
    }
}
