import Logging
public import ServiceLifecycle
import Synchronization

/// An application's objects: made by ``NestFactory``, found by their types, closed together.
///
/// As a ``ServiceLifecycle/Service`` it runs those of its singletons that are services themselves.
public final class ApplicationContext: Service {
    let graph: ApplicationGraph
    let singletons: [InstanceCell]
    let unlisted = UnlistedObjects()
    let waits = WaitGraph()
    let hooks: HookRunner
    let life = Mutex(Life())
    /// Opens when somebody asks for the end.
    let end = Latch()

    init(_ graph: ApplicationGraph) {
        self.graph = graph
        singletons = graph.records.map { _ in InstanceCell() }
        hooks = HookRunner(logger: graph.logger)
    }

    var logger: Logger { graph.logger }
    var root: ModuleHandle { graph.nodes[0].handle }
}

// MARK: - Objects

extension ApplicationContext {
    /// A singleton that the root module can see, or one of its controllers.
    ///
    /// - Throws: ``ApplicationError``: `not_found` when it cannot be seen (`select` looks from another
    ///   module), `wrong_scope` when it is no singleton, `closed`.
    public func get<T>(_ type: T.Type = T.self, named name: String? = nil) throws -> T {
        try get(type, named: name, in: root)
    }

    /// What the root module can see, of any scope: a new object for each call if it is transient, one in a scope of its
    /// own if it is request-scoped.
    ///
    /// - Throws: ``ApplicationError``, and what a factory throws that is called for it.
    public func resolve<T>(_ type: T.Type = T.self, named name: String? = nil) async throws -> T {
        try await resolve(type, named: name, in: root)
    }

    /// The objects as a module sees them.
    ///
    /// - Throws: ``ApplicationError/Code/notFound`` when the application has no such module, or several that came from
    ///   dynamic modules.
    public func select<M: Module>(_ module: M.Type) throws -> ModuleRef {
        let found = graph.nodes.filter { $0.reference.type == module }
        guard let only = found.first else {
            throw ApplicationError(.notFound, "\(module) is no module of this application")
        }
        let isStatic = only.reference.key == ModuleImport(module).key
        guard found.count == 1 || isStatic else {
            throw ApplicationError(.notFound, "there are \(found.count) modules \(module): select one by its value")
        }
        return ModuleRef(context: self, module: only.handle)
    }

    /// The objects as a dynamic module sees them.
    ///
    /// - Throws: ``ApplicationError/Code/notFound`` when the value was not imported by any module.
    public func select(_ module: DynamicModule) throws -> ModuleRef {
        let key = ModuleImport(module).key
        guard let found = graph.nodes.first(where: { $0.reference.key == key }) else {
            throw ApplicationError(.notFound, "this value of \(module.type) is no module of this application")
        }
        return ModuleRef(context: self, module: found.handle)
    }

    /// All singletons there are, in the order they were made: dependencies before those that need them.
    package var instances: [any Sendable] { hooks.objects }

    /// The singletons that are services, in the order they were made.
    package var services: [any Service] { hooks.objects.compactMap { $0 as? any Service } }
}
