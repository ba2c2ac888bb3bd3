/// A provider that listens to the ``EventBus``. Usually written with `@OnEvent`; by hand:
///
/// ```swift
/// struct Mailer: Injectable, EventListener {
///     static func make(from resolver: Resolver) -> Mailer { Mailer() }
///     static var eventHandlers: [EventHandler<Mailer>] {
///         [.on("order.created") { (mailer, order: Order) in try await mailer.send(order) }]
///     }
/// }
/// ```
///
/// Only singletons listen: an event has no request whose objects could be made.
public protocol EventListener: Sendable {
    /// What it listens to. Asked once, at start.
    static var eventHandlers: [EventHandler<Self>] { get }
}

/// One thing a listener listens to.
public struct EventHandler<Listener: Sendable>: Sendable {
    let pattern: Pattern
    let name: String
    /// False when the event is of another type than the handler takes.
    let call: @Sendable (Listener, any Sendable) async throws -> Bool

    /// A handler of events of one type; events of other types under the same name do not concern it.
    ///
    /// - Parameters:
    ///   - pattern: Which events; `*` and `>` stand for tokens.
    ///   - name: How logs call it.
    ///   - body: Is given the listener and the event.
    public static func on<Event: Sendable>(
        _ pattern: Pattern, name: String = "", _ body: @escaping @Sendable (Listener, Event) async throws -> Void
    ) -> EventHandler {
        EventHandler(pattern: pattern, name: name) { listener, event in
            guard let event = event as? Event else { return false }
            try await body(listener, event)
            return true
        }
    }

    /// A handler that does not look at the event.
    public static func on(
        _ pattern: Pattern, name: String = "", _ body: @escaping @Sendable (Listener) async throws -> Void
    ) -> EventHandler {
        EventHandler(pattern: pattern, name: name) { listener, _ in
            try await body(listener)
            return true
        }
    }
}
