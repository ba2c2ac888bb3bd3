import NestMemory
import NestMessaging
import Testing

@Suite("Handlers are checked before anything starts") struct HandlerChecksTests {
    private struct First: Controller {
        static func make(from resolver: Resolver) -> First { First() }
        static var handlers: [Handler<First>] {
            [
                .message("orders.create", name: "create") { (_, _: NoPayload, _) in 1 },
                .message("a..b", name: "gap") { (_, _: NoPayload, _) in 1 },
                .event("a.>.b", name: "rest") { (_, _: NoPayload, _) in },
            ]
        }
    }

    private struct Second: Controller {
        static func make(from resolver: Resolver) -> Second { Second() }
        static var handlers: [Handler<Second>] {
            [.message("orders.create", name: "make") { (_, _: NoPayload, _) in 1 }]
        }
    }

    private struct NeedsJournal: Guard, Injectable {
        let journal: Journal
        static var dependencies: [Dependency] { [Dependency(Journal.self)] }
        static func make(from resolver: Resolver) async throws -> NeedsJournal {
            NeedsJournal(journal: try await resolver.resolve())
        }
        func canActivate(_ context: ExecutionContext) -> Bool { true }
    }

    private struct Guarded: Controller {
        static func make(from resolver: Resolver) -> Guarded { Guarded() }
        static var enhancers: Enhancers { Enhancers(guards: [GuardReference(NeedsJournal.self)]) }
        static var handlers: [Handler<Guarded>] { [.message("guarded") { (_, _: NoPayload, _) in 1 }] }
    }

    private struct Broadcasting: Controller {
        static func make(from resolver: Resolver) -> Broadcasting { Broadcasting() }
        static var handlers: [Handler<Broadcasting>] {
            [.event("news", name: "hear", options: HandlerOptions(broadcast: true)) { (_, _: NoPayload, _) in }]
        }
    }

    /// Promises nothing but requests.
    private struct Meagre: Transport {
        var name: String { "meagre" }
        var guarantees: Guarantees { [] }
        func makeServer(
            dispatcher: MessageDispatcher, environment: TransportEnvironment
        ) throws(TransportError) -> any MicroserviceServer {
            throw TransportError(.unsupported, "never made")
        }
        func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
            throw TransportError(.unsupported, "never made")
        }
    }

    private func problems(
        _ controllers: [any Injectable.Type], on transport: some Transport = .memory(MemoryBus()),
        options: MicroserviceOptions = MicroserviceOptions()
    ) async -> [String] {
        do {
            _ = try await NestFactory.createMicroservice(
                Root.self, transport: transport, modules: [module(controllers: controllers)], options: options)
            return []
        } catch let error as WiringError {
            return error.problems
        } catch {
            return ["\(error)"]
        }
    }

    @Test("everything that is wrong is told at once")
    func all() async {
        let problems = await problems([First.self, Second.self])
        #expect(
            problems == [
                "First.gap: pattern `a..b` has an empty token",
                "First.rest: pattern `a.>.b`: `>` may only stand last",
                "Second.make and First.create both answer `orders.create`: a request has one answer",
            ])
    }

    @Test("a guard whose dependency nobody provides")
    func enhancer() async {
        let problems = await problems([Guarded.self])
        #expect(problems.count == 1)
        #expect(problems.first?.contains("Journal") == true)
    }

    @Test("asks that the transport cannot fulfil")
    func guarantees() async {
        var options = MicroserviceOptions()
        options.deliveryPolicy = DeliveryPolicy(maxAttempts: 3)
        let problems = await problems([Broadcasting.self], on: Meagre(), options: options)
        #expect(problems.count == 3)
        #expect(problems.first == "Broadcasting.hear: meagre, as configured, carries no events")
    }

    @Test("a policy that asks for nothing special fits every transport")
    func modestPolicy() async {
        var options = MicroserviceOptions()
        options.deliveryPolicy = DeliveryPolicy(maxAttempts: 1, deadLetter: .disabled)
        #expect(await problems([Second.self], on: Meagre(), options: options) == [])
    }

    @Test("bounds that cannot work")
    func bounds() async {
        var options = MicroserviceOptions()
        options.maxInFlight = 0
        #expect(await problems([], options: options).first?.contains("maxInFlight") == true)
    }
}
