import NestMemory
import NestMessaging
import Testing

@Suite("EventBus") struct EventBusTests {
    private struct Order: Sendable { var id: Int }
    private struct Failure: Error {}

    private struct Listener: Injectable, EventListener {
        let journal: Journal
        static var dependencies: [Dependency] { [Dependency(Journal.self)] }
        static func make(from resolver: Resolver) async throws -> Listener {
            Listener(journal: try await resolver.resolve())
        }
        static var eventHandlers: [EventHandler<Listener>] {
            [
                .on("order.created") { (listener, order: Order) in listener.journal.note("created \(order.id)") },
                .on("order.*") { listener in listener.journal.note("any") },
                .on("order.created") { (listener, text: String) in listener.journal.note(text) },
                .on("order.failed") { (_: Listener) in throw Failure() },
                .on("order.failed") { listener in listener.journal.note("after") },
            ]
        }
    }

    /// The bus is there without being imported.
    private struct Shop: Injectable {
        let bus: EventBus
        static var dependencies: [Dependency] { [Dependency(EventBus.self)] }
        static func make(from resolver: Resolver) async throws -> Shop { Shop(bus: try await resolver.resolve()) }
    }

    private let journal = Journal()

    private func started() async throws -> (Microservice, EventBus) {
        let app = try await NestFactory.createMicroservice(
            Root.self, transport: .memory(MemoryBus()),
            modules: [
                DynamicModule(
                    Part.self, providers: [.value(journal), Provider(Listener.self), Provider(Shop.self)],
                    exports: [ModuleExport(Shop.self)])
            ])
        try await app.start()
        return (app, try app.get(Shop.self).bus)
    }

    @Test("an event reaches every listener that its name and type fit, in order")
    func delivery() async throws {
        let (app, bus) = try await started()
        try await bus.emit("order.created", Order(id: 7))
        #expect(journal.all == ["created 7", "any"])
        try await bus.emit("order.other.created", Order(id: 8))
        #expect(journal.all.count == 2)
        await app.close()
    }

    @Test("a listener that fails stops no other, and the failure is thrown")
    func failure() async throws {
        let (app, bus) = try await started()
        await #expect(throws: Failure.self) { try await bus.emit("order.failed", 1) }
        #expect(journal.all == ["any", "after"])
        await app.close()
    }

    @Test("a closure listens until it is cancelled")
    func subscription() async throws {
        let (app, bus) = try await started()
        let subscription = bus.subscribe("stock.>") { [journal] (count: Int) in journal.note("stock \(count)") }
        try await bus.emit("stock.book.low", 1)
        subscription.cancel()
        try await bus.emit("stock.book.low", 2)
        #expect(journal.all == ["stock 1"])
        await app.close()
    }
}
