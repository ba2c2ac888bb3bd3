import NestMessaging
import Synchronization

/// What happened, in order.
final class Journal: Sendable {
    private let lines = Mutex<[String]>([])

    func note(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }
}

/// A provider that notes each of its hooks.
final class Hooked: Injectable, OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnModuleDestroy,
    OnApplicationShutdown
{
    let journal: Journal

    init(_ journal: Journal) { self.journal = journal }

    static var dependencies: [Dependency] { [Dependency(Journal.self)] }
    static func make(from resolver: Resolver) async throws -> Hooked { Hooked(try await resolver.resolve()) }

    func onModuleInit() { journal.note("init") }
    func onApplicationBootstrap() { journal.note("bootstrap") }
    func beforeApplicationShutdown(_ signal: String?) { journal.note("before") }
    func onModuleDestroy() { journal.note("destroy") }
    func onApplicationShutdown(_ signal: String?) { journal.note("shutdown") }
}

/// Answers `ping`, and `work` when it is let.
struct Pinger: Controller {
    static func make(from resolver: Resolver) -> Pinger { Pinger() }
    static var handlers: [Handler<Pinger>] {
        [.message("ping") { (_, _: NoPayload, _) in "pong" }, .event("pinged") { (_, _: NoPayload, _) in }]
    }
}

/// A module of values, providers and controllers.
func module(
    providers: [Provider] = [], controllers: [any Injectable.Type] = [], imports: [ModuleImport] = []
) -> DynamicModule {
    DynamicModule(Part.self, imports: imports, providers: providers, controllers: controllers)
}

enum Root: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}

enum Part: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}
