/// Makes a type a controller: its marked methods answer messages, and the container builds it as it does with
/// ``Injectable(scope:)``, which is not written as well.
///
/// ```swift
/// @Controller
/// struct Orders {
///     let repository: OrderRepository
///
///     @MessagePattern("orders.create")
///     func create(_ order: NewOrder, _ context: MessageContext) async throws -> Order {
///         try await repository.insert(order)
///     }
///
///     @EventPattern("payments.*")
///     func paid(_ payment: Payment) async throws { … }
/// }
/// ```
///
/// Stands on a struct, a final class or an actor, `@MainActor` or not.
///
/// **Handlers** take any of `(payload)`, `(payload, context)`, `(context)` and `()`, with or without labels; they may be
/// `async`, may throw, may be private, and return a value, nothing, or an `AsyncSequence` whose items are streamed. The
/// payload is any `Decodable & Sendable` type, the result any `Encodable & Sendable` one. A handler of a struct or class
/// that is not `async` runs without a task, the fastest way there is.
///
/// What a macro cannot see, because it sees text and not types:
///
/// - Handlers stand **in the body of the type**, not in an extension and not inside `#if`.
/// - The context is known by its name `MessageContext`: a typealias of it would be taken for a payload.
/// - A global actor is known by the ending of its name: `@DatabaseActor`. Methods isolated to one that is called
///   otherwise have to be `async`. In a module whose default isolation is `MainActor`, write `nonisolated struct Orders`,
///   or `@MainActor` out.
///
/// The same without a macro:
///
/// ```swift
/// extension Orders: Controller {
///     static var dependencies: [Dependency] { [Dependency(OrderRepository.self)] }
///     static func make(from resolver: Resolver) async throws -> Orders {
///         try await Orders(repository: resolver.resolve())
///     }
///     static var handlers: [Handler<Orders>] {
///         [
///             .message("orders.create") { (orders, order: NewOrder, context) in
///                 try await orders.create(order, context)
///             },
///             .event("payments.*") { (orders, payment: Payment, _) in try await orders.paid(payment) },
///         ]
///     }
/// }
/// ```
///
/// - Parameters:
///   - path: The prefix of its HTTP routes. Message patterns are never prefixed, as in NestJS.
///   - scope: How long a controller lives: `.singleton` serves all messages, `.request` is built for each.
@attached(
    member,
    names: named(init), named(scope), named(dependencies), named(make), named(path), named(enhancers), named(handlers),
    named(eventHandlers))
@attached(extension, conformances: Controller, EventListener)
public macro Controller(_ path: String = "", scope: Scope = .singleton) =
    #externalMacro(module: "NestMacrosPlugin", type: "ControllerMacro")
