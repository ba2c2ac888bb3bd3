import HTTPTypes
import NIOCore
import Testing

@testable import NestHTTPTesting

@Suite("The HTTP test client") struct HTTPTestClientTests {
    private let module = TestingModule(ShopModule.self)

    @Test("reaches what the application set", arguments: HTTPTestDepth.allCases)
    func settings(depth: HTTPTestDepth) async throws {
        let app = try await module.overrideProvider(String.self, named: "REGION").with(value: "us").createHTTP()
        try app.setGlobalPrefix("api").enableHealthCheck()
        try await app.test(depth) { client in
            let order = try await client.post("/api/orders", NewOrder(sku: "a", quantity: 1)).decode(as: Order.self)
            #expect(order.sku == "us a")
            #expect(try await client.get("/orders/1").status == .notFound)
            #expect(try await client.get("/health/live").status == .ok)
        }
    }

    @Test("knows unknown methods", arguments: HTTPTestDepth.allCases)
    func methods(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let refused = try await client.delete("/orders")
            #expect(refused.status == .methodNotAllowed && refused.headers[.allow] == "GET, HEAD, OPTIONS, POST")
            let head = try await client.head("/orders/1")
            #expect(head.status == .ok && head.body.readableBytes == 0)
            #expect(try await client.options("/orders").status == .noContent)
        }
    }

    @Test("gets the answer to a body that nobody reads", arguments: HTTPTestDepth.allCases)
    func refusedBody(depth: HTTPTestDepth) async throws {
        var options = HTTPOptions(port: 0)
        options.maxBodySize = 1_000
        try await module.withHTTP(depth, options: options) { _, client in
            let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 20)
            let refused = try await client.send(.post, "/orders/text", body: body)
            #expect(refused.status == .contentTooLarge)
        }
    }

    @Test("listens in the live depth only")
    func endpoints() async throws {
        try await module.withHTTP(.live) { app, _ in #expect(app.endpoints.count == 1) }
        try await module.withHTTP(.router) { app, _ in #expect(app.endpoints.isEmpty && app.isReady) }
    }

    @Test("takes a free port, whatever the options say")
    func port() async throws {
        let options = HTTPOptions(port: 3000)
        try await module.withHTTP(options: options) { first, _ in
            try await module.withHTTP(options: options) { second, client in
                #expect(first.endpoints != second.endpoints)
                let answer = try await client.get("/orders")
                #expect(answer.status == .ok)
            }
        }
    }

    @Test("closes the application when a test throws", arguments: HTTPTestDepth.allCases)
    func failure(depth: HTTPTestDepth) async throws {
        struct Broken: Error {}
        let app = try await module.createHTTP()
        await #expect(throws: Broken.self) { try await app.test(depth) { _ in throw Broken() } }
        await #expect(throws: ApplicationError.self) { try await app.start() }
    }

    @Test("serves many at once", arguments: HTTPTestDepth.allCases)
    func many(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for id in 0..<50 {
                    group.addTask { try await client.get("/orders/\(id)").decode(as: Order.self).id }
                }
                let sum = try await group.reduce(0, +)
                #expect(sum == (0..<50).reduce(0, +))
            }
        }
    }

    @Test("takes event streams apart in any pieces")
    func parsing() {
        let text = ": hello\nid: 1\nevent: a\ndata: x\ndata:  y\nretry: 20\n\ndata:z\n\n\n:\n\n"
        for size in 1...text.utf8.count {
            var parser = EventParser()
            var events: [ServerSentEvent] = []
            var rest = ByteBuffer(string: text)
            while rest.readableBytes > 0 {
                if let piece = rest.readSlice(length: min(size, rest.readableBytes)) { parser.append(piece) }
                while let event = parser.next() { events.append(event) }
            }
            #expect(
                events == [
                    ServerSentEvent(data: "x\n y", event: "a", id: "1", retry: .milliseconds(20)),
                    ServerSentEvent(data: "z"),
                ])
        }
    }
}
