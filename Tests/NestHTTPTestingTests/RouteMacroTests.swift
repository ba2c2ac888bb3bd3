import HTTPTypes
import NIOCore
import NestHTTPTesting
import Testing

/// Everything in both depths: what passes in one of them only has found a difference that should not be.
@Suite("Routes with markers") struct RouteMacroTests {
    private let module = TestingModule(ShopModule.self)

    @Test("take parameters of the path", arguments: HTTPTestDepth.allCases)
    func paths(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let one = try await client.get("/orders/7")
            #expect(one.status == .ok && one.headers[.contentType] == "application/json")
            #expect(try one.decode(as: Order.self) == Order(id: 7, sku: "x"))
            try await client.expect(.get, "/orders/x", .badRequest, saying: "id")
            try await client.expect(.get, "/orders/100", .notFound, saying: "there is no order 100")
            let file = try await client.get("/orders/files/a/b%20c.txt")
            #expect(file.text == "GET a/b c.txt")
            #expect(file.headers[.cacheControl] == "no-store" && file.headers[.xRegion] == "eu")
        }
    }

    @Test("take parameters of the query", arguments: HTTPTestDepth.allCases)
    func queries(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let none = try await client.get("/orders").decode(as: Listing.self)
            #expect(none == Listing(page: 1, text: nil, status: .open, tags: []))
            let all = try await client.get("/orders?page=2&q=a%20b&status=paid&tag=x&tag=y").decode(as: Listing.self)
            #expect(all == Listing(page: 2, text: "a b", status: .paid, tags: ["x", "y"]))
            try await client.expect(.get, "/orders?page=two", .badRequest, saying: "page")
            try await client.expect(.get, "/orders?status=lost", .badRequest, saying: "status")
            let filter = try await client.get("/orders/filtered?limit=5").decode(as: Filter.self)
            #expect(filter == Filter(status: nil, limit: 5))
        }
    }

    @Test("take a body, through the pipes", arguments: HTTPTestDepth.allCases)
    func bodies(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let created = try await client.post("/orders", NewOrder(sku: "a", quantity: 2))
            #expect(created.status == .created && created.headers[.eTag] == "none")
            #expect(try created.decode(as: Order.self) == Order(id: 2, sku: "eu a"))
            let refused = try await client.post("/orders", NewOrder(sku: "a", quantity: 0))
            #expect(refused.status == .unprocessableContent && refused.text.contains("quantity must be positive"))
            #expect(refused.headers[.contentType] == "application/problem+json")
            let wrong = try await client.post("/orders", ["sku": "a"])
            #expect(wrong.status == .badRequest && wrong.text.contains("quantity"))
            #expect(try await client.put("/orders/3", NewOrder(sku: "b", quantity: 1)).text == "3: b")
            #expect(try await client.send(.put, "/orders/3").text == "3: nothing")
            #expect(try await client.send(.patch, "/orders/4").decode(as: Order.self).sku == "default")
            #expect(
                try await client.patch("/orders/4", NewOrder(sku: "c", quantity: 1)).decode(as: Order.self).sku == "c")
        }
    }

    @Test("take texts and forms", arguments: HTTPTestDepth.allCases)
    func forms(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let text = try await client.send(.post, "/orders/text", body: ByteBuffer(string: "abc"))
            #expect(text.text == "ABC")
            let form = """
                --b\r\nContent-Disposition: form-data; name="title"\r\n\r\ncat\r
                --b\r\nContent-Disposition: form-data; name="file"; filename="c.png"\r\nContent-Type: image/png\r\n\r
                12345\r\n--b--\r\n
                """
            let stored = try await client.send(
                .post, "/orders/uploads", headers: [.contentType: "multipart/form-data; boundary=b"],
                body: ByteBuffer(string: form))
            #expect(stored.status == .created && stored.text == #"{"cat":5}"#)
            try await client.expect(.post, "/orders/uploads", .unsupportedMediaType, saying: "form")
        }
    }

    @Test("take headers and cookies", arguments: HTTPTestDepth.allCases)
    func heads(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let keyed = try await client.post(
                "/orders", NewOrder(sku: "a", quantity: 1), headers: [.idempotencyKey: "k"])
            #expect(keyed.headers[.eTag] == "k")
            #expect(try await client.get("/orders/me").decode() == ["nobody", "3"])
            let cookies: HTTPFields = [.cookie: "session=s; visits=4"]
            #expect(try await client.get("/orders/me", headers: cookies).decode() == ["s", "4"])
            let agent: HTTPFields = [.userAgent: "tests"]
            #expect(try await client.get("/orders/headers", headers: agent).decode() == ["tests", "GET"])
        }
    }

    @Test("answer with the status and the place that was said", arguments: HTTPTestDepth.allCases)
    func answers(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let removed = try await client.delete("/orders/1")
            #expect(removed.status == .noContent && removed.body.readableBytes == 0)
            let paid = try await client.post("/orders/1/payments")
            #expect(paid.status == .accepted)
            #expect(try paid.decode(as: Order.self).status == .paid)
            let moved = try await client.get("/moved")
            #expect(moved.status == .movedPermanently && moved.headers[.location] == "/orders")
            #expect(try await client.get("/moved/sometimes").headers[.location] == "/orders")
            let elsewhere = try await client.get("/moved/sometimes?to=/x")
            #expect(elsewhere.status == .found && elsewhere.headers[.location] == "/x")
            #expect(try await client.get("/orders/slow").text == "42")
        }
    }

    @Test("keep the state of actors", arguments: HTTPTestDepth.allCases)
    func isolation(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let first = try await client.post("/counter/2")
            #expect(first.text == "2")
            #expect(try await client.post("/counter/3").decode() == 5)
            #expect(try await client.get("/counter/name").text == "counter")
            let line = ByteBuffer(string: "a")
            #expect(try await client.send(.post, "/screen?times=2", body: line).decode() == ["a", "a"])
            #expect(try await client.send(.post, "/screen", body: line).decode() == ["a", "a", "a"])
        }
    }

    @Test("make what is of a request for each request", arguments: HTTPTestDepth.allCases)
    func scopes(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let first = try await client.get("/visits/1").decode(as: [String].self)
            let second = try await client.get("/visits/2").decode(as: [String].self)
            #expect(first.prefix(2) == ["/visits/1", "same"] && second.prefix(2) == ["/visits/2", "same"])
            #expect(first.last != second.last)
        }
    }

    @Test("stand inside of guards", arguments: HTTPTestDepth.allCases)
    func guards(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            try await client.expect(.get, "/events/secret", .forbidden, saying: "forbidden")
            var known = client
            known.headers[.authorization] = "Bearer secret"
            #expect(try await known.get("/events/secret").text == "true")
        }
    }

    @Test("stream events and values", arguments: HTTPTestDepth.allCases)
    func streams(depth: HTTPTestDepth) async throws {
        try await module.withHTTP(depth) { _, client in
            let events = try await client.stream("/events/2?event=tick") { answer in
                #expect(answer.headers[.contentType] == "text/event-stream")
                return try await answer.events.reduce(into: []) { $0.append($1) }
            }
            #expect(
                events == [
                    ServerSentEvent(data: "line\n0", event: "tick", id: "0"),
                    ServerSentEvent(data: "line\n1", event: "tick", id: "1"),
                ])
            let order = try await client.stream("/events/orders") { try await $0.events.first { _ in true } }
            #expect(order?.data == #"{"id":1,"sku":"a","status":"open"}"#)
            let ticks = try await client.stream("/events/endless") { answer in
                try await answer.events.prefix(3).reduce(into: []) { $0.append($1.data) }
            }
            #expect(ticks == ["tick", "tick", "tick"])
            #expect(try await client.get("/events/lines").text.split(separator: "\n").count == 2)
        }
    }
}

extension HTTPTestClient {
    fileprivate func expect(
        _ method: HTTPRequest.Method, _ path: String, _ status: HTTPResponse.Status, saying text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await send(method, path)
        #expect(answer.status == status, sourceLocation: sourceLocation)
        #expect(answer.text.lowercased().contains(text), sourceLocation: sourceLocation)
        #expect(answer.headers[.contentType] == "application/problem+json", sourceLocation: sourceLocation)
    }
}

extension HTTPField.Name {
    // Valid names: they never come to nothing.
    fileprivate static let xRegion = HTTPField.Name("x-region") ?? .eTag
    fileprivate static let idempotencyKey = HTTPField.Name("idempotency-key") ?? .eTag
}
