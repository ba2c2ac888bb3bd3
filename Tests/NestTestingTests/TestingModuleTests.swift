import NestTesting
import Testing

private protocol Mailer: Sendable {
    func send(_ text: String) -> String
}

private struct RealMailer: Injectable, Mailer {
    static func make(from resolver: Resolver) -> RealMailer { RealMailer() }
    func send(_ text: String) -> String { "real \(text)" }
}

private struct FakeMailer: Injectable, Mailer {
    var region = ""
    static var dependencies: [Dependency] { [Dependency(String.self, named: "REGION")] }
    static func make(from resolver: Resolver) async throws -> FakeMailer {
        FakeMailer(region: try await resolver.resolve(named: "REGION"))
    }
    func send(_ text: String) -> String { "fake \(text) \(region)" }
}

private struct Front: Controller {
    let mailer: any Mailer
    static var dependencies: [Dependency] { [Dependency((any Mailer).self)] }
    static func make(from resolver: Resolver) async throws -> Front { Front(mailer: try await resolver.resolve()) }
    static var handlers: [Handler<Front>] {
        [.message("mail") { (front, text: String, _) in front.mailer.send(text) }]
    }
}

private enum MailModule: Module {
    static var metadata: ModuleMetadata {
        ModuleMetadata(
            providers: [.type(RealMailer.self, as: (any Mailer).self), .value("eu", named: "REGION")],
            exports: [ModuleExport((any Mailer).self), ModuleExport(String.self, named: "REGION")])
    }
}

private enum OtherMailModule: Module {
    static var metadata: ModuleMetadata {
        ModuleMetadata(
            providers: [.value(FakeMailer(region: "other"), as: (any Mailer).self), .value("x", named: "REGION")],
            exports: [ModuleExport((any Mailer).self), ModuleExport(String.self, named: "REGION")])
    }
}

private enum AppModule: Module {
    static var metadata: ModuleMetadata {
        ModuleMetadata(imports: [ModuleImport(MailModule.self)], controllers: [Front.self])
    }
}

@Suite struct TestingModuleTests {
    private func reply(_ module: TestingModule<AppModule>) async throws -> String {
        try await module.withMicroservice { _, client in try await client.send("mail", "x") }
    }

    @Test func nothingReplaced() async throws {
        #expect(try await reply(TestingModule(AppModule.self)) == "real x")
    }

    @Test func aProviderByAValue() async throws {
        let module = TestingModule(AppModule.self).overrideProvider((any Mailer).self).with(
            value: FakeMailer(region: "v"))
        #expect(try await reply(module) == "fake x v")
    }

    @Test func aProviderByATypeAndAnotherByName() async throws {
        let module = TestingModule(AppModule.self)
            .overrideProvider((any Mailer).self).with(FakeMailer.self)
            .overrideProvider(String.self, named: "REGION").with(value: "us")
        #expect(try await reply(module) == "fake x us")
    }

    @Test func aProviderByAFactory() async throws {
        let module = TestingModule(AppModule.self)
            .overrideProvider((any Mailer).self).with { FakeMailer(region: "made") }
        #expect(try await reply(module) == "fake x made")
    }

    @Test func aModule() async throws {
        let module = TestingModule(AppModule.self).overrideModule(MailModule.self, by: OtherMailModule.self)
        #expect(try await reply(module) == "fake x other")
    }

    @Test func objectsWithoutAListener() async throws {
        let app = try await TestingModule(AppModule.self).compile()
        #expect(try app.get((any Mailer).self).send("y") == "real y")
        await app.close()
    }

    @Test func replacingWhatNobodyProvidesIsAnError() async throws {
        await #expect(throws: WiringError.self) {
            _ = try await TestingModule(AppModule.self).overrideProvider(Int.self).with(value: 1).compile()
        }
    }

    @Test func theServiceIsShutDownWhenTheTestFails() async throws {
        struct Failed: Error {}
        let bus = MemoryBus()
        await #expect(throws: Failed.self) {
            try await TestingModule(AppModule.self).withMicroservice(bus: bus) { _, _ in throw Failed() }
        }
        let client = try ClientProxy(.memory(bus))
        let error = await #expect(throws: TransportError.self) { try await client.send("mail", "x") }
        #expect(error?.code == .noResponders)
    }
}
