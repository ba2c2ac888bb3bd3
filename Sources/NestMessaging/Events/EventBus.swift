import Synchronization

/// Events inside the process: nothing is encoded, nothing leaves it, nothing is kept.
///
/// Injectable in every module of a microservice; other applications import ``EventsModule``. Listeners are methods
/// marked `@OnEvent`, or closures given to ``subscribe(_:_:)``.
public final class EventBus: Sendable {
    private typealias Deliver = @Sendable (any Sendable) async throws -> Bool

    private struct Subscription {
        var id: Int
        var pattern: WildcardPattern
        var name: String
        var deliver: Deliver
    }

    private struct State {
        var subscriptions: [Subscription] = []
        var nextID = 0
    }

    private let state = Mutex(State())
    private let logger: Logger

    package init(logger: Logger) { self.logger = logger }

    /// Hands an event to every listener whose pattern covers its name, one after another in the order they began to
    /// listen, and returns when the last is done.
    ///
    /// - Throws: What the first listener that failed threw, after all of them have had the event. Failures are logged.
    public func emit(_ name: Pattern, _ event: some Sendable) async throws {
        var text = name.name
        let matching = text.withUTF8 { bytes in
            state.withLock { state in
                state.subscriptions.filter { $0.pattern.matches(UnsafeRawBufferPointer(bytes)) }
            }
        }
        var failure: (any Error)?
        for subscription in matching {
            do {
                if try await !subscription.deliver(event) { reportMismatch(name, subscription.name, type(of: event)) }
            } catch {
                report(error, name, subscription.name)
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Hands out events of one type until the returned subscription is cancelled or let go of.
    public func subscribe<Event: Sendable>(
        _ pattern: Pattern, _ body: @escaping @Sendable (Event) async throws -> Void
    ) -> EventSubscription {
        let id = add(pattern, name: "") { event in
            guard let event = event as? Event else { return false }
            try await body(event)
            return true
        }
        return EventSubscription { [weak self] in self?.remove(id) }
    }

    func add(_ listener: some EventListener) { addHandlers(of: listener) }

    private func addHandlers<Listener: EventListener>(of listener: Listener) {
        for handler in Listener.eventHandlers {
            add(handler.pattern, name: "\(Listener.self).\(handler.name)") { event in
                try await handler.call(listener, event)
            }
        }
    }

    @discardableResult
    private func add(_ pattern: Pattern, name: String, _ deliver: @escaping Deliver) -> Int {
        state.withLock { state in
            defer { state.nextID += 1 }
            state.subscriptions.append(
                Subscription(id: state.nextID, pattern: WildcardPattern(pattern), name: name, deliver: deliver))
            return state.nextID
        }
    }

    private func remove(_ id: Int) { state.withLock { $0.subscriptions.removeAll { $0.id == id } } }

    private func report(_ error: any Error, _ name: Pattern, _ listener: String) {
        logger.error(
            "listener failed",
            metadata: [
                LogKey.pattern: .string(name.name), LogKey.handler: .string(listener),
                LogKey.error: .string("\(error)"),
            ])
    }

    private func reportMismatch(_ name: Pattern, _ listener: String, _ type: any Any.Type) {
        logger.debug(
            "listener takes another type",
            metadata: [
                LogKey.pattern: .string(name.name), LogKey.handler: .string(listener),
                LogKey.reason: .string("\(type)"),
            ])
    }
}

/// A listener that is a closure. Listens until it is cancelled or let go of.
public final class EventSubscription: Sendable {
    private let end: @Sendable () -> Void

    init(_ end: @escaping @Sendable () -> Void) { self.end = end }

    /// Stops listening. An event on its way may still arrive.
    public func cancel() { end() }

    deinit { end() }
}
