/// Makes the ``EventBus`` injectable everywhere and finds its listeners. Part of every microservice; an application
/// without one imports it.
public enum EventsModule: Module {
    /// The bus, for every module.
    public static var metadata: ModuleMetadata {
        ModuleMetadata(
            providers: [Provider(EventListeners.self), .factory { EventBus(logger: Logger(label: "nest.events")) }],
            exports: [ModuleExport(EventBus.self)], isGlobal: true)
    }
}

/// Finds the providers that listen, once all of them are there.
final class EventListeners: Injectable, OnModuleInit {
    private let bus: EventBus
    private let modules: ModuleRef

    init(bus: EventBus, modules: ModuleRef) {
        self.bus = bus
        self.modules = modules
    }

    static var dependencies: [Dependency] { [Dependency(EventBus.self), Dependency(ModuleRef.self)] }

    static func make(from resolver: Resolver) async throws -> EventListeners {
        EventListeners(bus: try await resolver.resolve(), modules: try await resolver.resolve())
    }

    func onModuleInit() {
        for case let listener as any EventListener in modules.context.instances { bus.add(listener) }
    }
}
