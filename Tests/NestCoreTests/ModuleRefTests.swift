import NestCore
import Testing

@Suite("A module reference") struct ModuleRefTests {
    final class Explorer: Injectable {
        let modules: ModuleRef
        init(_ modules: ModuleRef) { self.modules = modules }

        static var dependencies: [Dependency] { [Dependency(ModuleRef.self)] }
        static func make(from resolver: Resolver) async throws -> Explorer { Explorer(try await resolver.resolve()) }
    }

    @Test("is injectable everywhere and sees what its module sees") func sees() async throws {
        let hidden = Front.with([.value("hidden"), Provider(Explorer.self)])
        let part = Part.with([Provider(Explorer.self), Provider(Thing.self)])
        try await withApplication(Root.self, modules: [hidden, part]) { app in
            let explorer = try app.select(part).get(Explorer.self)
            try #expect(explorer.modules.get(Thing.self) === app.select(part).get(Thing.self))
            await #expect(code { _ = try explorer.modules.get(String.self) } == .notFound)
            try #expect(app.select(hidden).get(Explorer.self).modules.get(String.self) == "hidden")
        }
    }

    @Test("finds controllers of its module") func controllers() async throws {
        try await withPart([], controllers: [Thing.self]) { part in
            let thing = try part.get(Thing.self)
            try await #expect(part.resolve(Thing.self) === thing)
        }
    }

    @Test("makes what no module provides, a new one each time") func creates() async throws {
        try await withPart([Provider(Thing.self)]) { part in
            let holders = [try await part.create(Holder.self), try await part.create(Holder.self)]
            #expect(holders[0] !== holders[1])
            #expect(holders[0].thing === holders[1].thing)
        }
    }

    @Test("makes nothing whose dependencies it cannot see") func createFails() async throws {
        try await withPart([]) { part in
            await #expect(code { _ = try await part.create(Holder.self) } == .notFound)
        }
    }

    @Test("does not find what is not made yet") func notReady() async throws {
        let early = Provider.factory { (modules: ModuleRef) in
            await code { _ = try modules.get(Thing.self) }?.rawValue ?? "ready"
        }
        try await withPart([early, Provider(Thing.self)]) { part in try #expect(part.get(String.self) == "not_ready") }
        try await withPart([Provider(Thing.self), early]) { part in try #expect(part.get(String.self) == "ready") }
    }

    @Test("makes what is not made yet when it is resolved") func resolvesEarly() async throws {
        let early = Provider.factory { (modules: ModuleRef) in try await modules.resolve(Thing.self).hash }
        try await withPart([early, Provider(Thing.self)]) { part in
            try #expect(part.get(Int.self) == part.get(Thing.self).hash)
        }
    }

    @Test("does not wait for the object that it was injected into", .timeLimit(.minutes(1)))
    func selfReference() async throws {
        let error = await #expect(throws: ApplicationError.self) {
            try await withPart([.factory { (modules: ModuleRef) in try await modules.resolve(Int.self) }]) { _ in }
        }
        #expect(error?.code == .circular)
    }

    @Test("makes further objects of the kind that holds it") func siblings() async throws {
        try await withPart([.type(Explorer.self, scope: .transient)]) { part in
            let explorer = try await part.resolve(Explorer.self)
            try await #expect(explorer.modules.resolve(Explorer.self) !== explorer)
        }
    }

    @Test("inside a request belongs to it") func insideRequest() async throws {
        let providers: [Provider] = [.type(Explorer.self, scope: .request), .type(Thing.self, scope: .request)]
        try await withPart(providers) { part in
            let scope = CallScope(container: part.context, module: part.module)
            let explorer: Explorer = try await scope.resolve()
            let thing: Thing = try await scope.resolve()
            try await #expect(explorer.modules.resolve(Thing.self) === thing)
            try await #expect(explorer.modules.create(Holder.self).thing === thing)
        }
    }

    @Test("outside of requests makes a scope for each call") func outsideRequest() async throws {
        try await withPart([Provider(Explorer.self), .type(Thing.self, scope: .request)]) { part in
            let explorer = try part.get(Explorer.self)
            let thing = try await explorer.modules.resolve(Thing.self)
            try await #expect(explorer.modules.resolve(Thing.self) !== thing)
        }
    }
}
