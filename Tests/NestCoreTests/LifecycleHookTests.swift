import Logging
import NestCore
import Testing

@Suite("Lifecycle hooks") struct LifecycleHookTests {
    struct Failure: Error {}

    @Test("are called once, dependencies first, and back in reverse") func order() async throws {
        let journal = Journal()
        let base = Front.with(
            [.value(Hooked("base", journal), named: "base")], exports: [ModuleExport(Hooked.self, named: "base")])
        let part = Part.with(
            imports: [ModuleImport(base)],
            [
                .factory(named: "top", dependencies: [Dependency(Hooked.self, named: "middle")]) { _ in
                    Hooked("top", journal)
                },
                .factory(named: "middle", dependencies: [Dependency(Hooked.self, named: "base")]) { _ in
                    Hooked("middle", journal)
                },
            ])
        try await withApplication(Root.self, modules: [part]) { app in
            await app.close()
            await app.close()
        }
        #expect(
            journal.entries == [
                "base init", "middle init", "top init", "base bootstrap", "middle bootstrap", "top bootstrap",
                "top before", "middle before", "base before", "top destroy", "middle destroy", "base destroy",
                "top shutdown", "middle shutdown", "base shutdown",
            ])
    }

    @Test("come once for one object, however many providers hand it out") func aliases() async throws {
        let journal = Journal()
        let object = Hooked("one", journal)
        try await withPart([
            .value(object), .alias(Hooked.self, named: "alias", to: Hooked.self), .value(object, named: "again"),
            .factory(named: "more") { (hooked: Hooked) in hooked },
        ]) { _ in }
        #expect(journal.entries == ["one init", "one bootstrap", "one before", "one destroy", "one shutdown"])
    }

    @Test("are not called for what is no singleton") func otherScopes() async throws {
        let journal = Journal()
        let providers: [Provider] = [
            .factory(named: "t", scope: .transient) { Hooked("transient", journal) },
            .factory(named: "r", scope: .request) { Hooked("request", journal) },
        ]
        try await withPart(providers) { part in
            _ = try await part.resolve(Hooked.self, named: "t")
            _ = try await part.resolve(Hooked.self, named: "r")
        }
        #expect(journal.entries.isEmpty)
    }

    final class Home: Module, Injectable, OnModuleInit, OnModuleDestroy {
        static let journal = Journal()
        static var metadata: ModuleMetadata {
            ModuleMetadata(
                providers: [.value(Hooked("provider", journal))], controllers: [Desk.self])
        }
        static func make(from resolver: Resolver) async throws -> Home { Home() }
        func onModuleInit() { Home.journal.note("module init") }
        func onModuleDestroy() { Home.journal.note("module destroy") }
    }

    final class Desk: Injectable, OnModuleInit {
        static func make(from resolver: Resolver) async throws -> Desk { Desk() }
        func onModuleInit() { Home.journal.note("controller init") }
    }

    @Test("reach controllers, and the module's own object last") func controllersAndModules() async throws {
        try await withApplication(Home.self) { app in
            _ = try app.get(Home.self)
            _ = try app.get(Desk.self)
        }
        #expect(
            Home.journal.entries.filter { $0.hasSuffix("init") } == ["provider init", "controller init", "module init"])
        #expect(Home.journal.entries.filter { $0.hasSuffix("destroy") } == ["module destroy", "provider destroy"])
    }

    @Test("that throw on the way up end the start, and what was initialised is shut down") func failedInit()
        async throws
    {
        let journal = Journal()
        let error = await #expect(throws: ApplicationError.self) {
            try await withPart(three(journal, failing: "init")) { _ in }
        }
        #expect(error?.code == .hookFailed)
        #expect(error?.cause is Failure)
        #expect(error?.message == #"onModuleInit of Hooked named "2" in Part failed"#)
        #expect(journal.entries == ["1 init", "2 init", "1 before", "1 destroy", "1 shutdown"])
    }

    @Test("that throw in bootstrap shut everything down") func failedBootstrap() async throws {
        let journal = Journal()
        let error = await #expect(throws: ApplicationError.self) {
            try await withPart(three(journal, failing: "bootstrap")) { _ in }
        }
        #expect(error?.message == #"onApplicationBootstrap of Hooked named "2" in Part failed"#)
        #expect(journal.entries.prefix(5) == ["1 init", "2 init", "3 init", "1 bootstrap", "2 bootstrap"])
        #expect(journal.entries.filter { $0.hasSuffix("shutdown") } == ["3 shutdown", "2 shutdown", "1 shutdown"])
    }

    @Test("of objects without onModuleInit are called when a later factory fails") func failedFactory() async throws {
        let journal = Journal()
        _ = await #expect(throws: ApplicationError.self) {
            try await withPart([
                .value(FactoryTests.Closer(journal)), .value(Hooked("never", journal)),
                .factory { () throws -> Int in throw Failure() },
            ]) { _ in }
        }
        #expect(journal.entries == ["closed"])
    }

    final class Patient: OnModuleInit {
        let gate = Gate()
        func onModuleInit() async { await gate.pass() }
    }

    @Test("stop coming when the start is cancelled, and what was initialised is shut down") func cancelled()
        async throws
    {
        let journal = Journal()
        let patient = Patient()
        let part = Part.with([
            .value(Hooked("1", journal), named: "1"), .value(patient), .value(Hooked("2", journal), named: "2"),
        ])
        let start = Task { try await NestFactory.createApplicationContext(Root.self, modules: [part]) }
        await patient.gate.arrival()
        start.cancel()
        patient.gate.open()
        await #expect(throws: CancellationError.self) { try await start.value }
        #expect(journal.entries == ["1 init", "1 before", "1 destroy", "1 shutdown"])
    }

    @Test("that throw on the way down stop nobody", arguments: ["before", "destroy", "shutdown"])
    func failedDown(hook: String) async throws {
        let journal = Journal()
        try await withPart(three(journal, failing: hook)) { _ in }
        for name in ["before", "destroy", "shutdown"] {
            #expect(
                journal.entries.filter { $0.hasSuffix(name) } == ["3 \(name)", "2 \(name)", "1 \(name)"])
        }
    }

    @Test("that throw on the way down are logged") func logged() async throws {
        let log = Journal()
        let app = try await NestFactory.createApplicationContext(
            Root.self, modules: [Part.with([.value(Hooked("1", Journal(), failing: "destroy"))])],
            logger: Logger(label: "test") { _ in JournalHandler(journal: log) })
        await app.close()
        #expect(log.entries == ["error: lifecycle hook failed onModuleDestroy Hooked in Part Failure()"])
    }

    @Test("on the way down are called once, and everybody who closes waits for them") func concurrentClose()
        async throws
    {
        let journal = Journal()
        let app = try await NestFactory.createApplicationContext(
            Root.self, modules: [Part.with([.value(Hooked("1", journal))])])
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    await app.close()
                    #expect(journal.count("1 shutdown") == 1)
                }
            }
        }
        #expect(journal.entries.count == 5)
    }

    @Test("are called to the end although the one who closes is cancelled") func cancelledClose() async throws {
        let journal = Journal()
        let app = try await NestFactory.createApplicationContext(
            Root.self, modules: [Part.with([.value(Hooked("1", journal))])])
        let close = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await app.close()
        }
        await close.value
        #expect(journal.count("1 shutdown") == 1)
    }

    actor Counter: Injectable, OnModuleInit, OnModuleDestroy {
        private var calls: [String] = []
        static func make(from resolver: Resolver) async throws -> Counter { Counter() }
        func onModuleInit() { calls.append("init") }
        func onModuleDestroy() { calls.append("destroy") }
        var called: [String] { calls }
    }

    @Test("of actors are called on them") func actors() async throws {
        let counter = try await withPart([Provider(Counter.self)]) { try $0.get(Counter.self) }
        await #expect(counter.called == ["init", "destroy"])
    }

    @Test("may close the application", .timeLimit(.minutes(1)), arguments: ["init", "bootstrap", "destroy"])
    func closeInsideHook(hook: String) async throws {
        let journal = Journal()
        let closer = HookCloser(hook)
        let part = Part.with([.factory { (modules: ModuleRef) in closer.with(modules) }, .value(Hooked("1", journal))])
        if hook == "destroy" {
            try await withApplication(Root.self, modules: [part]) { _ in }
        } else {
            await #expect(
                code { _ = try await NestFactory.createApplicationContext(Root.self, modules: [part]) } == .closed)
        }
        #expect(journal.count("1 shutdown") == (hook == "init" ? 0 : 1))
    }

    @Test("can be called in steps, for applications that listen") func steps() async throws {
        let journal = Journal()
        let graph = ApplicationGraph(
            root: Root.self, modules: [Part.with([.value(Hooked("1", journal))])], logger: Logger(label: "test"))
        let app = try await graph.makeContext()
        #expect(journal.entries.isEmpty)
        try await app.initializeModules()
        try await app.initializeModules()
        #expect(journal.entries == ["1 init"])
        try await app.bootstrap()
        await app.beforeShutdown(signal: "SIGTERM")
        await app.beforeShutdown()
        #expect(journal.entries == ["1 init", "1 bootstrap", "1 before SIGTERM"])
        await app.close(signal: "SIGTERM")
        #expect(journal.entries.suffix(2) == ["1 destroy", "1 shutdown SIGTERM"])
        #expect(await code { try await app.bootstrap() } == .closed)
    }

    private func three(_ journal: Journal, failing hook: String) -> [Provider] {
        ["1", "2", "3"].map { .value(Hooked($0, journal, failing: $0 == "2" ? hook : nil), named: $0) }
    }
}

/// Has every hook, tells of each call, and fails in one if asked to.
final class Hooked: OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnModuleDestroy,
    OnApplicationShutdown
{
    let name: String
    let journal: Journal
    let failing: String?

    init(_ name: String, _ journal: Journal, failing: String? = nil) {
        self.name = name
        self.journal = journal
        self.failing = failing
    }

    func onModuleInit() throws { try note("init") }
    func onApplicationBootstrap() throws { try note("bootstrap") }
    func beforeApplicationShutdown(_ signal: String?) throws { try note("before", signal) }
    func onModuleDestroy() throws { try note("destroy") }
    func onApplicationShutdown(_ signal: String?) throws { try note("shutdown", signal) }

    private func note(_ hook: String, _ signal: String? = nil) throws {
        journal.note("\(name) \(hook)" + (signal.map { " \($0)" } ?? ""))
        if hook == failing { throw LifecycleHookTests.Failure() }
    }
}

/// Closes its application in one of its hooks.
struct HookCloser: OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
    let hook: String
    var modules: ModuleRef?

    init(_ hook: String) { self.hook = hook }

    func with(_ modules: ModuleRef) -> HookCloser {
        var copy = self
        copy.modules = modules
        return copy
    }

    func onModuleInit() async { await close("init") }
    func onApplicationBootstrap() async { await close("bootstrap") }
    func onModuleDestroy() async { await close("destroy") }

    private func close(_ hook: String) async {
        if hook == self.hook { await modules?.context.close() }
    }
}

/// Writes what is logged into a journal.
struct JournalHandler: LogHandler {
    let journal: Journal
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(journal: Journal) { self.journal = journal }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = ["hook", "provider", "error"].compactMap { event.metadata?[$0].map { "\($0)" } }
        journal.note("\(event.level): \(event.message) " + values.joined(separator: " "))
    }
}
