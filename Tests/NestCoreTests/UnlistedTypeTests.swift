import Logging
import NestCore
import Testing

/// Guards and others that stand around handlers: types that a front asks for though no module lists them.
@Suite("A type that no module lists") struct UnlistedTypeTests {
    struct Message: Sendable {}

    final class Gatekeeper: Injectable {
        static var dependencies: [Dependency] { [Dependency(Message.self)] }
        static func make(from resolver: Resolver) async throws -> Gatekeeper { Gatekeeper() }
    }

    final class HookedGuard: Injectable, OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
        let journal: Journal
        init(_ journal: Journal) { self.journal = journal }
        static var dependencies: [Dependency] { [Dependency(Journal.self)] }
        static func make(from resolver: Resolver) async throws -> HookedGuard {
            HookedGuard(try await resolver.resolve())
        }
        func onModuleInit() { journal.note("init") }
        func onApplicationBootstrap() { journal.note("bootstrap") }
        func onModuleDestroy() { journal.note("destroy") }
    }

    @Test("is made once for each module") func perModule() async throws {
        let one = Part.with([Provider(Thing.self)])
        let two = Part.with([Provider(Thing.self)])
        try await withApplication(Root.self, modules: [one, two]) { app in
            let modules = try [one, two].map { try app.select($0) }
            let holder = try await app.make(Holder.self, in: modules[0].module, scope: nil) as? Holder
            try #expect(holder?.thing === modules[0].get(Thing.self))
            try await #expect(app.make(Holder.self, in: modules[0].module, scope: nil) as? Holder === holder)
            try await #expect(app.make(Holder.self, in: modules[1].module, scope: nil) as? Holder !== holder)
        }
    }

    @Test("is the provider's where there is one") func provider() async throws {
        try await withPart([Provider(Thing.self)]) { part in
            let thing = try part.get(Thing.self)
            try await #expect(part.context.make(Thing.self, in: part.module, scope: nil) as? Thing === thing)
        }
    }

    @Test("that depends on a request is made for each") func request() async throws {
        let graph = ApplicationGraph(root: Root.self, requestValues: [Message.self], logger: Logger(label: "test"))
        let app = try await graph.makeContext()
        let root = try app.select(Root.self).module
        #expect(app.isRequestScoped(Gatekeeper.self, in: root))
        #expect(!app.isRequestScoped(Thing.self, in: root))
        let scopes = (0..<2).map { _ in
            let scope = CallScope(container: app, module: root)
            scope.seed(Message())
            return scope
        }
        let one = try await app.make(Gatekeeper.self, in: root, scope: scopes[0]) as? Gatekeeper
        try await #expect(app.make(Gatekeeper.self, in: root, scope: scopes[0]) as? Gatekeeper === one)
        try await #expect(app.make(Gatekeeper.self, in: root, scope: scopes[1]) as? Gatekeeper !== one)
        await #expect(code { _ = try await app.make(Gatekeeper.self, in: root, scope: nil) } == .wrongScope)
        await app.close()
    }

    @Test("is checked before anything starts") func checked() throws {
        let part = Part.with([Provider(Thing.self)])
        let graph = ApplicationGraph(root: Root.self, modules: [part], logger: Logger(label: "test"))
        let controllerless = ApplicationGraph(
            root: Root.self, modules: [Part.with([], controllers: [Thing.self])], logger: Logger(label: "test"))
        let module = try #require(controllerless.controllers.first?.module)
        #expect(
            controllerless.checkDependencies(of: Holder.self, in: module) == [
                "Part: Holder needs Thing, which Part neither provides nor imports"
            ])
        #expect(controllerless.checkDependencies(of: Thing.self, in: module).isEmpty)
        #expect(graph.checkDependencies(of: Holder.self, in: module).isEmpty)
    }

    @Test("catches up with the hooks when it is made late, once") func hooks() async throws {
        let journal = Journal()
        try await withPart([.value(journal)]) { part in
            for _ in 0..<2 { _ = try await part.context.make(HookedGuard.self, in: part.module, scope: nil) }
            #expect(journal.entries == ["init", "bootstrap"])
        }
        #expect(journal.entries == ["init", "bootstrap", "destroy"])
    }
}
