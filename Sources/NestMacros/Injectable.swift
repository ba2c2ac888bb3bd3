/// Makes a type a provider: the container builds it and gives its init what it asks for, by type.
///
/// ```swift
/// @Injectable
/// struct OrderRepository {
///     let database: Database                        // resolved
///     let clock: any Clock                          // a protocol: whatever provider was bound to it
///     @Inject("REGION") let region: String          // resolved by this name
///     let metrics: Metrics?                         // nil when nobody provides it
///     var pageSize = 50                             // has a value: left alone
/// }
/// ```
///
/// Stands on a struct, a final class or an actor, `@MainActor` or not.
///
/// - **Which init.** The one in the type's body; it may be `async` and may throw, and parameters with default values
///   are left alone. Without one, that of the stored properties without a value: structs have it from Swift, for a
///   class or an actor it is added. Convenience inits and inits in extensions do not count. With a
///   `static func make(from: Resolver)` of your own in the body nothing is generated in its place.
/// - **Optionals.** An optional parameter gets nil when there is no provider. A property `var x: T?` starts as nil, as
///   everywhere in Swift, and is left alone; `let x: T?` is injected.
/// - **`@OnEvent` methods** make the type a listener on the `EventBus`.
///
/// The same without a macro:
///
/// ```swift
/// extension OrderRepository: Injectable {
///     static var dependencies: [Dependency] { [Dependency(Database.self), Dependency((any Clock).self)] }
///     static func make(from resolver: Resolver) async throws -> OrderRepository {
///         try await OrderRepository(database: resolver.resolve(), clock: resolver.resolve())
///     }
/// }
/// ```
///
/// - Parameter scope: How long a value lives: `.singleton` is built once at start, `.transient` for each that asks,
///   `.request` once per message or HTTP request.
@attached(
    member, names: named(init), named(scope), named(dependencies), named(make), named(eventHandlers))
@attached(extension, conformances: Injectable, EventListener)
public macro Injectable(scope: Scope = .singleton) =
    #externalMacro(module: "NestMacrosPlugin", type: "InjectableMacro")

/// Resolves a stored property of an `@Injectable` or `@Controller` type by a name as well as by its type:
///
/// ```swift
/// @Inject("DATABASE_URL") let url: String     // Provider.value("postgres://…", named: "DATABASE_URL")
/// ```
///
/// In a type with an init of its own it names the init's parameter that is called like the property.
///
/// - Parameter name: The name the provider was given.
@attached(peer)
public macro Inject(_ name: String) = #externalMacro(module: "NestMacrosPlugin", type: "InjectMacro")
