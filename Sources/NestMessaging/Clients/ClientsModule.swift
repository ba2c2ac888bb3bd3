/// Makes clients injectable: by name (`@Inject("ORDERS_RPC") let orders: ClientProxy`), all together as
/// ``ClientsService``, and without a name when there is only one.
///
/// ```swift
/// @Module(imports: [ClientsModule.register([.tcp("ORDERS_RPC", port: 4000)])], controllers: [Front.self])
/// ```
public enum ClientsModule: Module {
    /// Nothing by itself: what ``register(_:isGlobal:)`` returns is imported.
    public static var metadata: ModuleMetadata { ModuleMetadata() }

    /// A module with these clients.
    ///
    /// - Parameters:
    ///   - configs: Each with a name of its own; a name that stands twice and options that cannot work fail the start.
    ///   - isGlobal: With true every module can use them without importing this one.
    public static func register(_ configs: [ClientConfig], isGlobal: Bool = false) -> DynamicModule {
        module(names: configs.map(\.name), isGlobal: isGlobal, .factory { try ClientsService(configs) })
    }

    /// A module whose clients a factory describes when the application starts: from a configuration, say.
    ///
    /// - Parameters:
    ///   - names: The clients the factory will return; what is injected by name is checked against them before
    ///     anything starts.
    ///   - imports: Modules whose exports the factory needs.
    ///   - isGlobal: With true every module can use them without importing this one.
    ///   - dependencies: What the factory will ask the resolver for.
    ///   - makeConfigs: Returns a configuration for each name. Anything else fails the start.
    public static func registerAsync(
        names: [String], imports: [ModuleImport] = [], isGlobal: Bool = false, dependencies: [Dependency],
        _ makeConfigs: @escaping @Sendable (Resolver) async throws -> [ClientConfig]
    ) -> DynamicModule {
        let service = Provider.factory(dependencies: dependencies) { resolver in
            let configs = try await makeConfigs(resolver)
            try check(configs, against: names)
            return try ClientsService(configs)
        }
        return module(names: names, imports: imports, isGlobal: isGlobal, service)
    }

    /// The same for a factory that needs nothing.
    public static func registerAsync(
        names: [String], isGlobal: Bool = false, _ makeConfigs: @escaping @Sendable () async throws -> [ClientConfig]
    ) -> DynamicModule {
        registerAsync(names: names, isGlobal: isGlobal, dependencies: []) { _ in try await makeConfigs() }
    }

    /// The same for a factory that needs one thing, such as a configuration.
    public static func registerAsync<A: Sendable>(
        names: [String], imports: [ModuleImport] = [], isGlobal: Bool = false,
        _ makeConfigs: @escaping @Sendable (A) async throws -> [ClientConfig]
    ) -> DynamicModule {
        registerAsync(names: names, imports: imports, isGlobal: isGlobal, dependencies: [Dependency(A.self)]) {
            try await makeConfigs($0.resolve())
        }
    }

    /// The same for a factory that needs two things.
    public static func registerAsync<A: Sendable, B: Sendable>(
        names: [String], imports: [ModuleImport] = [], isGlobal: Bool = false,
        _ makeConfigs: @escaping @Sendable (A, B) async throws -> [ClientConfig]
    ) -> DynamicModule {
        let dependencies = [Dependency(A.self), Dependency(B.self)]
        return registerAsync(names: names, imports: imports, isGlobal: isGlobal, dependencies: dependencies) {
            try await makeConfigs($0.resolve(), $0.resolve())
        }
    }

    private static func check(_ configs: [ClientConfig], against names: [String]) throws(TransportError) {
        let made = configs.map(\.name).sorted()
        guard made != names.sorted() else { return }
        throw TransportError(
            .invalidConfiguration,
            "the factory made the clients \(made), but \(names.sorted()) were announced in `names:`")
    }

    private static func module(
        names: [String], imports: [ModuleImport] = [], isGlobal: Bool, _ service: Provider
    ) -> DynamicModule {
        var providers = [service] + names.map { named($0) }
        var exports = [ModuleExport(ClientsService.self)] + names.map { ModuleExport(ClientProxy.self, named: $0) }
        if let only = names.first, names.count == 1 {
            providers.append(.alias(ClientProxy.self, named: nil, to: ClientProxy.self, named: only))
            exports.append(ModuleExport(ClientProxy.self))
        }
        return DynamicModule(
            ClientsModule.self, imports: imports, providers: providers, exports: exports, isGlobal: isGlobal)
    }

    private static func named(_ name: String) -> Provider {
        .factory(named: name, dependencies: [Dependency(ClientsService.self)]) { resolver in
            try await resolver.resolve(ClientsService.self).expect(name)
        }
    }
}
