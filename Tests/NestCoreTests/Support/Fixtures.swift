import Logging
import NestCore
import Testing

/// The root of most tests; what is in it comes as a dynamic module.
enum Root: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}

/// A module with these contents that passes all of `exports` on to the root.
enum Part: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }

    static func with(
        imports: [ModuleImport] = [], _ providers: [Provider] = [], controllers: [any Injectable.Type] = [],
        exports: [ModuleExport] = [], isGlobal: Bool = false
    ) -> DynamicModule {
        DynamicModule(
            Part.self, imports: imports, providers: providers, controllers: controllers, exports: exports,
            isGlobal: isGlobal)
    }
}

/// An application of one part, seen as that part sees it. Closed afterwards.
@discardableResult
func withPart<Result>(
    _ providers: [Provider], controllers: [any Injectable.Type] = [],
    _ body: (ModuleRef) async throws -> Result
) async throws -> Result {
    let part = Part.with(providers, controllers: controllers)
    return try await withApplication(Root.self, modules: [part]) { try await body($0.select(part)) }
}

/// An application that is closed afterwards.
@discardableResult
func withApplication<M: Module, Result>(
    _ root: M.Type, modules: [DynamicModule] = [], overrides: [ProviderOverride] = [],
    _ body: (ApplicationContext) async throws -> Result
) async throws -> Result {
    let app = try await NestFactory.createApplicationContext(root, modules: modules, overrides: overrides)
    do {
        let result = try await body(app)
        await app.close()
        return result
    } catch {
        await app.close()
        throw error
    }
}

/// What is wrong with an application; empty when it can be made.
func problems<M: Module>(
    of root: M.Type, modules: [DynamicModule] = [], overrides: [ProviderOverride] = [],
    requestValues: [any Any.Type] = []
) -> [String] {
    ApplicationGraph(
        root: root, modules: modules, overrides: overrides, requestValues: requestValues, logger: Logger(label: "test")
    ).problems
}

/// The same for one part.
func problems(of providers: [Provider], controllers: [any Injectable.Type] = []) -> [String] {
    problems(of: Root.self, modules: [Part.with(providers, controllers: controllers)])
}

/// The code of the error that a body throws.
func code(_ body: () async throws -> Void) async -> ApplicationError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? ApplicationError)?.code
    }
}

/// An object with an identity.
final class Thing: Injectable {
    static func make(from resolver: Resolver) async throws -> Thing { Thing() }
}

/// Another that needs the first.
final class Holder: Injectable {
    let thing: Thing
    init(_ thing: Thing) { self.thing = thing }

    static var dependencies: [Dependency] { [Dependency(Thing.self)] }
    static func make(from resolver: Resolver) async throws -> Holder { Holder(try await resolver.resolve()) }
}
