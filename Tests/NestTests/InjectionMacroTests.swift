import Nest
import NestTesting
import Testing

@Suite("Types with @Injectable") struct InjectionMacroTests {
    @Test("are made with what they ask for")
    func made() async throws {
        let context = try await TestingModule(MacrosModule.self).compile()
        let desk = try context.get(Desk.self)
        #expect(desk.clock.source.now == 42)
        #expect(desk.clock.region == "eu")
        #expect(desk.clock.missing == nil)
        #expect(desk.default.clock.region == "eu")
        let other = try await context.resolve(Cache<String>.self)
        #expect(desk.default !== other)
        await context.close()
    }

    @Test("tell before what they ask for")
    func dependencies() {
        let source = Dependency((any TimeSource).self)
        #expect(Clock.dependencies.first == source)
        #expect(Clock.dependencies.count == 4)
        #expect(
            Cache<Int>.dependencies == [
                Dependency(Clock.self), Dependency((any TimeSource).self, optional: true),
            ])
        #expect(Cache<Int>.scope == .transient)
        #expect(SystemTime.dependencies.isEmpty)
    }

    @Test("listen on the bus of the process")
    func events() async throws {
        try await TestingModule(MacrosModule.self).withMicroservice { app, _ in
            try await app.get(EventBus.self).emit("user.created", User(name: "Ann"))
            let log = try await app.get(Log.self).wait { $0.count >= 3 }
            #expect(log.sorted() == ["count", "wall", "welcome Ann"])
        }
    }
}
