import NIOCore
import NestTesting
import Testing

private enum EmptyModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}

private struct Orders: Controller {
    let gate: Gate
    let seen: Watched<[String]>

    static var dependencies: [Dependency] { [Dependency(Gate.self), Dependency(Watched<[String]>.self)] }
    static func make(from resolver: Resolver) async throws -> Orders {
        Orders(gate: try await resolver.resolve(), seen: try await resolver.resolve())
    }

    static var handlers: [Handler<Orders>] {
        [
            .message("orders.hold") { (orders, id: String, _) async throws -> String in
                orders.seen.append(id)
                try await orders.gate.pass()
                return id
            },
            .event("orders.created") { (orders, id: String, _) async throws in
                orders.seen.append(id)
                try await orders.gate.pass()
            },
        ]
    }
}

private struct Payments: Controller {
    static func make(from resolver: Resolver) -> Payments { Payments() }
    static var handlers: [Handler<Payments>] { [.message("payments.pay") { (_, amount: Int, _) in amount }] }
}

/// A service on a bus.
private struct Service {
    let app: Microservice
    let life: Task<Void, any Error>

    static func start(
        _ bus: MemoryBus, _ controller: any Injectable.Type, gate: Gate = Gate(), seen: Watched<[String]> = Watched([]),
        _ configure: (inout MicroserviceOptions) -> Void = { _ in }
    ) async throws -> Service {
        var options = MicroserviceOptions()
        options.logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        configure(&options)
        let parts = DynamicModule(EmptyModule.self, providers: [.value(gate), .value(seen)], controllers: [controller])
        let app = try await NestFactory.createMicroservice(
            EmptyModule.self, transport: .memory(bus), modules: [parts], options: options)
        try await app.start()
        return Service(app: app, life: Task { try await app.run() })
    }

    func kill() async {
        life.cancel()
        _ = await life.result
    }
}

@Suite struct MemoryBusTests {
    @Test func namedBusesAreShared() {
        #expect(MemoryBus.named("a") === MemoryBus.named("a"))
        #expect(MemoryBus.named("a") !== MemoryBus.named("b"))
    }

    @Test func boundsMustBePositive() async throws {
        var options = MemoryOptions()
        options.maxWaiting = 0
        let error = #expect(throws: TransportError.self) { try ClientProxy(.memory(MemoryBus(options))) }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func withoutAnyServiceNobodyResponds() async throws {
        let client = try ClientProxy(.memory(MemoryBus()))
        let error = await #expect(throws: TransportError.self) { try await client.send("p", 1) }
        #expect(error?.code == .noResponders)
    }

    /// Two services with the same name and different handlers: each gets what it has a handler for.
    @Test func servicesThatForgotTheirNamesStillWork() async throws {
        let bus = MemoryBus()
        let gate = Gate(isOpen: true)
        let services = [
            try await Service.start(bus, Orders.self, gate: gate), try await Service.start(bus, Payments.self),
        ]
        let client = try ClientProxy(.memory(bus))
        for number in 0..<10 {
            let amount: Int = try await client.send("payments.pay", number)
            let id: String = try await client.send("orders.hold", "\(number)")
            #expect(amount == number && id == "\(number)")
        }
        for service in services { await service.app.close() }
    }

    @Test func aFullQueueRefusesEvents() async throws {
        var options = MemoryOptions()
        options.maxWaiting = 2
        let bus = MemoryBus(options)
        let gate = Gate()
        let service = try await Service.start(bus, Orders.self, gate: gate) { $0.maxInFlight = 1 }
        let client = try ClientProxy(.memory(bus))
        try await client.emit("orders.created", "1")
        try await gate.eventuallyHolds(1)
        for id in 2...3 { try await client.emit("orders.created", "\(id)") }
        let event = await #expect(throws: TransportError.self) { try await client.emit("orders.created", "4") }
        #expect(event?.code == .overloaded)
        gate.open()
        let reply: String = try await client.send("orders.hold", "5")
        #expect(reply == "5")
        await service.app.close()
    }

    @Test func aFullQueueRefusesRequests() async throws {
        var options = MemoryOptions()
        options.maxWaiting = 1
        let bus = MemoryBus(options)
        let gate = Gate()
        let service = try await Service.start(bus, Orders.self, gate: gate) { $0.maxInFlight = 1 }
        let client = try ClientProxy(.memory(bus))
        let codes = Watched<[TransportError.Code]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.send("orders.hold", "handled") }
            try await gate.eventuallyHolds(1)
            for number in 0..<2 {
                group.addTask {
                    do throws(TransportError) {
                        try await client.send("orders.hold", "\(number)")
                    } catch {
                        codes.append(error.code)
                    }
                }
            }
            // One waits, one is refused; which is which is the scheduler's choice.
            try await codes.eventually("one is refused") { $0.count == 1 }
            gate.open()
            try await group.waitForAll()
        }
        #expect(codes.value == [.overloaded])
        await service.app.close()
    }

    @Test func anEventNobodyListensToIsADeadLetter() async throws {
        let bus = MemoryBus()
        let client = try ClientProxy(.memory(bus))
        try await client.emit("nobody.cares", ["a": 1], options: CallOptions(headers: ["tenant": "acme"]))
        let letters = await bus.deadLetters(atLeast: 1)
        let letter = try #require(letters.first)
        #expect(letters.count == 1 && letter.pattern == "nobody.cares" && letter.reason == .noHandler)
        #expect("\(letter.payload)" == #"{"a":1}"# && letter.headers["tenant"] == "acme")
        #expect(
            letter.headers["nest-dead-source"] == "nowhere" && letter.headers["nest-dead-at"]?.hasSuffix("Z") == true)
    }

    @Test func onlySoManyDeadLettersAreKept() async throws {
        var options = MemoryOptions()
        options.maxDeadLetters = 2
        let bus = MemoryBus(options)
        let client = try ClientProxy(.memory(bus))
        for number in 1...5 { try await client.emit("nobody", number) }
        #expect(bus.deadLetters.map { "\($0.payload)" } == ["4", "5"])
        #expect(await bus.deadLetters(atLeast: 5).count == 2)
    }

    @Test func waitingForDeadLettersEndsWithTheTask() async throws {
        let bus = MemoryBus()
        let waiter = Task { await bus.deadLetters(atLeast: 1) }
        waiter.cancel()
        #expect(await waiter.value.isEmpty)
    }

    /// An instance dies with an event in hand: another one gets it, as another try.
    @Test func eventsOfADeadInstanceGoToAnother() async throws {
        let bus = MemoryBus()
        let (gate, first, second) = (Gate(), Watched<[String]>([]), Watched<[String]>([]))
        let dying = try await Service.start(bus, Orders.self, gate: gate, seen: first)
        let client = try ClientProxy(.memory(bus))
        try await client.emit("orders.created", "x")
        try await gate.eventuallyHolds(1)
        await dying.kill()
        let next = try await Service.start(bus, Orders.self, gate: Gate(isOpen: true), seen: second)
        try await second.eventually("the event") { $0 == ["x"] }
        #expect(first.value == ["x"])
        await next.app.close()
        #expect(bus.deadLetters.isEmpty)
    }

    /// The last instance goes: who waits in its queue is told, and does not wait for a deadline.
    @Test func waitingRequestsOfAStoppedServiceFail() async throws {
        let bus = MemoryBus()
        let gate = Gate()
        let service = try await Service.start(bus, Orders.self, gate: gate) { $0.maxInFlight = 1 }
        let client = try ClientProxy(.memory(bus), timeout: .seconds(60))
        async let held: String = client.send("orders.hold", "held")
        try await gate.eventuallyHolds(1)
        let waiting = Task { () async -> TransportError? in
            do throws(TransportError) {
                let _: String = try await client.send("orders.hold", "waiting")
                return nil
            } catch {
                return error
            }
        }
        let stop = Task { await service.app.close() }
        let code = await waiting.value?.code
        #expect(code == .disconnected || code == .noResponders)
        gate.open()
        #expect(try await held == "held")
        await stop.value
    }

    @Test func healthTellsQueueAndGroup() async throws {
        let service = try await Service.start(MemoryBus(), Payments.self) { $0.name = "payments" }
        let health = await service.app.health()
        #expect(health["memory"] == .up(["queue": "payments", "group": "payments"]))
        await service.app.close()
    }
}
