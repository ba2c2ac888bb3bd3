/// Makes a method of a ``Controller(_:scope:)`` a handler of events.
///
/// ```swift
/// @EventPattern("order.created") func remember(_ order: Order) async throws { … }
/// @EventPattern("order.>") func count() { … }
/// @EventPattern("cache.invalidated", broadcast: true) func invalidate(_ key: String) { … }
/// ```
///
/// It returns nothing. One that throws gets the event again where the transport can do that, as its `DeliveryPolicy`
/// says. Every handler that matches gets an event, so the same pattern may stand twice.
///
/// - Parameters:
///   - pattern: Tokens with dots between them; `*` stands for one token, `>` for the rest and stands last. An object
///     pattern, or any expression of a `Pattern`, does too.
///   - broadcast: With true every instance of the service gets the event, otherwise one of them. A transport that cannot
///     do that says so at start.
@attached(peer)
public macro EventPattern(_ pattern: Pattern, broadcast: Bool = false) =
    #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` a handler of a typed event: its payload has to be that type, or the
/// compiler says so.
///
/// ```swift
/// @EventPattern(OrderCreated.self) func remember(_ order: OrderCreated) async throws { … }
/// ```
///
/// - Parameters:
///   - contract: The type that is emitted, with the pattern in it.
///   - broadcast: With true every instance of the service gets the event, otherwise one of them.
@attached(peer)
public macro EventPattern<Contract: Event>(_ contract: Contract.Type, broadcast: Bool = false) =
    #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")
