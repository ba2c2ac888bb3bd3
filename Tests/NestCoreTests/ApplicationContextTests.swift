import Logging
import NestCore
import ServiceLifecycle
import Testing

@Suite("An application context") struct ApplicationContextTests {
    struct Failure: Error {}

    /// Runs until graceful shutdown or cancellation.
    final class Worker: Service {
        let journal: Journal
        let gate = Gate()
        init(_ journal: Journal) { self.journal = journal }

        func run() async throws {
            journal.note("worker runs")
            gate.open()
            await gate.pass()
            defer { journal.note("worker ends") }
            try await gracefulShutdown()
        }
    }

    struct Failing: Service {
        func run() async throws { throw Failure() }
    }

    struct Brief: Service {
        let journal: Journal
        func run() async throws { journal.note("brief ran") }
    }

    @Test("closes when its group shuts down, its services before its hooks", .timeLimit(.minutes(1)))
    func shutsDown() async throws {
        let journal = Journal()
        let worker = Worker(journal)
        let app = try await application([.value(worker), .value(Hooked("1", journal)), .value(Brief(journal: journal))])
        let group = ServiceGroup(services: [app], logger: Logger(label: "test"))
        async let run: Void = group.run()
        await worker.gate.arrival()
        await group.triggerGracefulShutdown()
        try await run
        #expect(
            journal.entries.filter { $0 != "brief ran" } == [
                "1 init", "1 bootstrap", "worker runs", "1 before", "worker ends", "1 destroy", "1 shutdown",
            ])
        #expect(journal.count("brief ran") == 1)
    }

    @Test("ends its run when it is closed", .timeLimit(.minutes(1))) func closeEndsRun() async throws {
        let worker = Worker(Journal())
        let app = try await application([.value(worker)])
        async let run: Void = app.run()
        await worker.gate.arrival()
        await app.close()
        try await run
        #expect(worker.journal.entries == ["worker runs", "worker ends"])
    }

    @Test("closes when it is cancelled", .timeLimit(.minutes(1))) func cancellation() async throws {
        let journal = Journal()
        let worker = Worker(journal)
        let app = try await application([.value(worker), .value(Hooked("1", journal))])
        let run = Task { try await app.run() }
        await worker.gate.arrival()
        run.cancel()
        try await run.value
        #expect(journal.entries.suffix(2) == ["1 destroy", "1 shutdown"])
        #expect(journal.count("worker ends") == 1)
    }

    @Test("ends with the error of a service", .timeLimit(.minutes(1))) func failingService() async throws {
        let journal = Journal()
        let app = try await application([.value(Failing()), .value(Hooked("1", journal))])
        await #expect(throws: Failure.self) { try await app.run() }
        #expect(journal.count("1 shutdown") == 1)
    }

    @Test("runs once", .timeLimit(.minutes(1))) func runsOnce() async throws {
        let worker = Worker(Journal())
        let app = try await application([.value(worker)])
        async let run: Void = app.run()
        await worker.gate.arrival()
        await #expect(code { try await app.run() } == .alreadyRunning)
        await app.close()
        try await run
        await #expect(code { try await app.run() } == .alreadyRunning)
    }

    @Test("cannot run once it is closed") func runAfterClose() async throws {
        let app = try await application([])
        await app.close()
        await #expect(code { try await app.run() } == .closed)
    }

    @Test("lets go of its objects when it is closed") func releases() async throws {
        weak var thing: Thing?
        let explorer = Provider(ModuleRefTests.Explorer.self)
        let app = try await application([Provider(Thing.self), explorer])
        let part = try app.select(Part.self)
        do {
            thing = try part.get(Thing.self)
            #expect(thing != nil)
        }
        await app.close()
        #expect(thing == nil)
        await #expect(code { _ = try part.get(Thing.self) } == .closed)
        await #expect(code { _ = try await part.resolve(Thing.self) } == .closed)
        await #expect(code { _ = try await part.create(Thing.self) } == .closed)
        #expect(app.instances.isEmpty)
    }

    @Test("lists its singletons in the order they were made") func instances() async throws {
        let app = try await application([Provider(Holder.self), Provider(Thing.self), .value(1)])
        #expect(app.instances.map { "\(type(of: $0))" } == ["Thing", "Holder", "Int"])
        await app.close()
    }

    @Test("says why something cannot be had") func reasons() async throws {
        let app = try await application([.type(Thing.self, scope: .request)])
        let scope = #expect(throws: ApplicationError.self) { try app.select(Part.self).get(Thing.self) }
        #expect(scope?.description == "Thing is no singleton: ask for it with resolve")
        let missing = #expect(throws: ApplicationError.self) { try app.get(String.self, named: "x") }
        #expect(missing?.description == #"Root neither provides nor imports String named "x""#)
        await app.close()
    }

    private func application(_ providers: [Provider]) async throws -> ApplicationContext {
        try await NestFactory.createApplicationContext(Root.self, modules: [Part.with(providers)])
    }
}
