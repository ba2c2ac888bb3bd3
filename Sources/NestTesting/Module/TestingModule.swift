/// An application for a test: a module as it is, with some providers or modules replaced.
///
/// ```swift
/// let mailer = RecordingMailer()
/// try await TestingModule(AppModule.self)
///     .overrideProvider((any Mailer).self).with(value: mailer)
///     .overrideProvider(String.self, named: "REGION").with(value: "eu")
///     .withMicroservice { app, client in
///         let order: Order = try await client.send("orders.create", NewOrder(sku: "x"))
///         #expect(mailer.sent == [order.id])
///     }
/// ```
///
/// A value: each step returns another one, so several tests can start from the same.
public struct TestingModule<Root: Module>: Sendable {
    package let modules: [DynamicModule]
    package private(set) var overrides: [ProviderOverride] = []

    /// A module to test.
    ///
    /// - Parameters:
    ///   - module: The root of the application under test, or any part of it.
    ///   - modules: More modules, as if the root imported them.
    public init(_ module: Root.Type, modules: [DynamicModule] = []) { self.modules = modules }

    /// The same with one more replacement.
    public func overriding(_ override: ProviderOverride) -> TestingModule {
        var module = self
        module.overrides.append(override)
        return module
    }

    /// Begins the replacement of a provider, wherever its type and name are provided.
    ///
    /// - Parameters:
    ///   - type: What the provider is found by: a type, or a protocol as `(any Mailer).self`.
    ///   - name: The provider's name when it has one.
    public func overrideProvider<Value: Sendable>(
        _ type: Value.Type, named name: String? = nil
    ) -> ProviderReplacement<Root, Value> {
        ProviderReplacement(module: self, name: name)
    }

    /// Takes a module in the place of all modules of a type.
    public func overrideModule<Old: Module, New: Module>(
        _ type: Old.Type, by replacement: New.Type
    ) -> TestingModule {
        overriding(.module(type, by: replacement))
    }

    /// Takes a dynamic module in the place of all modules of a type.
    public func overrideModule<Old: Module>(_ type: Old.Type, by replacement: DynamicModule) -> TestingModule {
        overriding(.module(type, by: replacement))
    }
}

// MARK: - Applications

extension TestingModule {
    /// Makes the objects and calls their hooks on the way up; nothing listens. Close it when done.
    ///
    /// - Throws: As `NestFactory.createApplicationContext` does; an override of what nobody provides is an error too.
    public func compile(logger: Logger = Logger(label: "nest.testing")) async throws -> ApplicationContext {
        try await NestFactory.createApplicationContext(
            Root.self, modules: modules, logger: logger, overrides: overrides)
    }

    /// Makes a microservice, not started yet.
    public func createMicroservice(
        _ transport: some Transport, options: MicroserviceOptions = MicroserviceOptions()
    ) async throws -> Microservice {
        try await NestFactory.createMicroservice(
            Root.self, transport: transport, modules: modules, options: options, overrides: overrides)
    }

    /// Runs `body` with the started microservice and a client of it, over a bus inside the process, and shuts both
    /// down afterwards, whatever happens.
    ///
    /// - Parameters:
    ///   - options: How the service behaves.
    ///   - bus: The bus, when the test wants to see its dead letters or to add services.
    ///   - body: The test.
    public func withMicroservice<Value>(
        options: MicroserviceOptions = MicroserviceOptions(), bus: MemoryBus = MemoryBus(),
        _ body: (Microservice, ClientProxy) async throws -> Value
    ) async throws -> Value {
        let app = try await createMicroservice(.memory(bus), options: options)
        let client = try ClientProxy(.memory(bus), name: "test")
        try await app.start()
        do {
            let value = try await body(app, client)
            await client.close()
            await app.close()
            return value
        } catch {
            await client.close()
            await app.close()
            throw error
        }
    }
}
