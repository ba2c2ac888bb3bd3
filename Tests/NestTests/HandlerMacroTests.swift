import Nest
import NestTesting
import Testing

@Suite("Handlers with markers") struct HandlerMacroTests {
    private let module = TestingModule(MacrosModule.self)

    @Test("are called in every shape")
    func shapes() async throws {
        try await module.withMicroservice { _, client in
            try await client.expect("shapes.payload", 1, gives: 2)
            try await client.expect("shapes.both", 7, gives: "shapes.both 7")
            try await client.expect("shapes.context.x", 0, gives: ["x"])
            try await client.expect("shapes.none", 0, gives: true)
            try await client.expect("shapes.labels", 3, gives: 3)
            try await client.expect("shapes.optional", [1, 2], gives: 2)
            try await client.expect("shapes.optional", nil as [Int]?, gives: -1)
            try await client.expect("shapes.unwrapped", 4, gives: 4)
            try await client.expect("shapes.unwrapped", nil as Int?, gives: -1)
            try await client.expect("shapes.bytes", "x", gives: "x")
            try await client.expect("shapes.one", 0, gives: 2)
            try await client.expect("shapes.two", 0, gives: 2)
            try await client.expect("shapes.blocking", 5, gives: 5)
            try await client.expect(["v": 2, "cmd": "sum"], [1, 2], gives: 3)
        }
    }

    @Test("answer null for nothing")
    func nothing() async throws {
        try await module.withMicroservice { _, client in
            try await client.expect("shapes.nothing", 1, gives: nil as Int?)
            try await client.expect("shapes.void", 1, gives: nil as Int?)
        }
    }

    @Test("throw to their callers")
    func failures() async throws {
        try await module.withMicroservice { _, client in
            let rejected = await #expect(throws: TransportError.self) {
                try await client.send("shapes.failing", 1, as: Int.self)
            }
            #expect(rejected?.code == .rejected && rejected?.message == "not 1")
            let unexpected = await #expect(throws: TransportError.self) {
                try await client.send("counter.fail", 1, as: Int.self)
            }
            #expect(unexpected?.code == .internal)
        }
    }

    @Test("stream what is a sequence")
    func streams() async throws {
        try await module.withMicroservice { _, client in
            var rows: [Int] = []
            for try await row in try await client.stream("shapes.rows", 3, of: Int.self) { rows.append(row) }
            for try await row in try await client.stream("shapes.opaque", 0, of: Int.self) { rows.append(row) }
            #expect(rows == [0, 1, 2, 0, 1])
        }
    }

    @Test("keep the state of actors")
    func isolation() async throws {
        try await module.withMicroservice { _, client in
            _ = try await client.send("counter.add", 2, as: Int.self)
            try await client.expect("counter.add", 3, gives: 5)
            try await client.expect("counter.name", 0, gives: "counter")
            try await client.expect("screen.print", "a", gives: ["a"])
            try await client.expect("screen.print", "b", gives: ["a", "b"])
            try await client.send("screen.clear", 0)
            try await client.expect("screen.print", "c", gives: ["c"])
            try await client.expect("screen.size", 0, gives: 80)
            try await client.expect("mixed.main", 0, gives: true)
            try await client.expect("mixed.plain", 0, gives: false)
        }
    }

    @Test("hold to their contracts, and get every event that matches")
    func contracts() async throws {
        try await module.withMicroservice { app, client in
            let created = try await client.send(CreateOrder(sku: "x", quantity: 3))
            #expect(created == OrderCreated(id: 3, sku: "eu x"))
            try await client.emit(created)
            let log = try app.get(Log.self)
            let lines = try await log.wait { $0.count == 4 }
            #expect(lines.sorted() == ["broadcast", "count", "eu x", "order.created"])
        }
    }

    @Test("stand inside of guards, interceptors, pipes and filters")
    func enhancers() async throws {
        try await module.withMicroservice { _, client in
            try await client.expect("guarded.pipe", "a", gives: "pipe in eu: A")
            try await client.expect("guarded.fails", 0, gives: "excused")
            let refused = await #expect(throws: TransportError.self) {
                try await client.send("guarded.refused", 0, as: String.self)
            }
            #expect(refused?.code == .forbidden)
        }
    }

    @Test("carry the method's name and what was asked for")
    func metadata() {
        #expect(Shapes.handlers.count == 17)
        #expect(Guarded.enhancers.interceptors.count == 1)
        #expect(Mixed.scope == .request)
        #expect(
            Orders.dependencies == [
                Dependency(Log.self), Dependency(String.self, named: "REGION"),
                Dependency(Failing.self, optional: true),
            ])
    }
}

extension ClientProxy {
    fileprivate func expect<Reply: Codable & Equatable & Sendable>(
        _ pattern: Pattern, _ payload: some Encodable, gives reply: Reply,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let given = try await send(pattern, payload, as: Reply.self)
        #expect(given == reply, sourceLocation: sourceLocation)
    }
}
