import NestMessaging

/// Everything is written without macros here: what they expand to, and what a benchmark need not wait for to compile.
enum PeerModule: Module {
    static var metadata: ModuleMetadata {
        ModuleMetadata(
            providers: [.value(PeerState()), .value(SlowTally())],
            controllers: [EchoController.self, FaultController.self, EventController.self, SlowController.self])
    }
}
