/// A module's objects, to be looked up at run time. Injectable in every module:
///
/// ```swift
/// struct Jobs: Injectable {
///     let modules: ModuleRef
///
///     static var dependencies: [Dependency] { [Dependency(ModuleRef.self)] }
///     static func make(from resolver: Resolver) async throws -> Jobs { Jobs(modules: try await resolver.resolve()) }
///
///     func run(_ name: String) async throws {
///         try await modules.resolve(Job.self, named: name).run()
///     }
/// }
/// ```
public struct ModuleRef: Sendable {
    package let context: ApplicationContext
    package let module: ModuleHandle
    /// The request that it was injected for.
    private let scope: CallScope?
    /// The object that it was injected into.
    private let origin: Construction?

    init(context: ApplicationContext, module: ModuleHandle, scope: CallScope? = nil, origin: Construction? = nil) {
        self.context = context
        self.module = module
        self.scope = scope
        self.origin = origin
    }

    /// A singleton that the module can see, or one of its controllers.
    ///
    /// - Throws: ``ApplicationError``: `not_found`, `wrong_scope` when it is no singleton, `not_ready` while the
    ///   application is being made and its turn has not come, `closed`.
    public func get<T>(_ type: T.Type = T.self, named name: String? = nil) throws -> T {
        try context.get(type, named: name, in: module)
    }

    /// What the module can see, of any scope. A transient object is a new one for each call. A request-scoped one
    /// belongs to the request that this reference was injected for; outside of requests it is in a scope of its own.
    ///
    /// - Throws: ``ApplicationError``, and what a factory throws that is called for it.
    public func resolve<T>(_ type: T.Type = T.self, named name: String? = nil) async throws -> T {
        try await context.resolve(type, named: name, in: module, scope: scope, for: origin)
    }

    /// Makes an object of a type that no module provides, with what its dependencies ask for. A new one for each call;
    /// its lifecycle hooks are not called.
    ///
    /// - Throws: ``ApplicationError/Code/notFound`` when the module cannot see a dependency, and what its factory
    ///   throws.
    public func create<T: Injectable>(_ type: T.Type = T.self) async throws -> T {
        try context.ensureOpen()
        let record = context.unlisted.entry(for: type, in: module, context.graph).record
        let scope = scope ?? CallScope(container: context, module: module)
        return try context.cast(try await context.make(record, scope: scope, for: origin), of: Token(type))
    }
}

extension Token {
    static let moduleRef = Token(ModuleRef.self)
}
