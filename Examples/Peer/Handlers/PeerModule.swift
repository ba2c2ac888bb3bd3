import NestMessaging

/// Everything is written without macros here: what they expand to, and what a benchmark need not wait for to compile.
enum PeerModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }

    /// What a service has whose transport promises so much, with or without a handler that every instance runs.
    static func with(_ guarantees: Guarantees, broadcast: Bool = true) -> DynamicModule {
        var controllers: [any Injectable.Type] = [EchoController.self, FaultController.self, SlowController.self]
        if guarantees.contains(.events) { controllers.append(EventController.self) }
        if broadcast, guarantees.contains(.broadcast) { controllers.append(BroadcastController.self) }
        let providers: [Provider] = [.value(PeerState()), .value(SlowTally())]
        return DynamicModule(PeerModule.self, providers: providers, controllers: controllers)
    }
}
