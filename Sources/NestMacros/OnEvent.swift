/// Makes a method of an ``Injectable(scope:)`` or ``Controller(_:scope:)`` type a listener on the `EventBus` of the
/// process. Nothing is encoded and nothing leaves the process; for events between services there is
/// ``EventPattern(_:broadcast:)``.
///
/// ```swift
/// @OnEvent("order.created") func sendMail(_ order: Order) async throws { … }
/// @OnEvent("order.*") func count() { … }
/// ```
///
/// It takes the event, any `Sendable` type, or nothing; it may be `async`, may throw, and returns nothing. It stands in
/// the body of the type, not in an extension and not inside `#if`. By hand: `EventListener.eventHandlers`.
///
/// - Parameter name: What is listened to; `*` stands for one token, `>` for the rest and stands last.
@attached(peer)
public macro OnEvent(_ name: Pattern) = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")
