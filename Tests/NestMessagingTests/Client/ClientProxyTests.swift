import NIOCore
import NestTesting
import Testing

@testable import NestMessaging

/// A client whose answers the test writes.
final class ScriptedClient: TransportClient {
    let sent = Watched<[OutgoingMessage]>([])
    let emitted = Watched<[OutgoingMessage]>([])
    let reply: Result<Payload, TransportError>

    init(_ reply: Result<Payload, TransportError> = .success(.null)) { self.reply = reply }

    func connect() async throws(TransportError) {}

    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        sent.append(message)
        return try reply.get()
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        sent.append(message)
        let source = ReplyStreamSource(window: 1)
        source.finish(reply)
        return ReplyStream(source)
    }

    func emit(_ message: OutgoingMessage) async throws(TransportError) { emitted.append(message) }

    func close() async {}

    func health() async -> HealthStatus { .up() }
}

@Suite struct ClientProxyTests {
    private func proxy(_ client: ScriptedClient, timeout: Duration = .seconds(5)) -> ClientProxy {
        ClientProxy(name: "test", transport: client, guarantees: [], timeout: timeout, system: "scripted")
    }

    private struct Unencodable: Encodable {
        func encode(to encoder: any Encoder) throws {
            throw EncodingError.invalidValue(self, .init(codingPath: [], debugDescription: "never"))
        }
    }

    private struct Greet: Request {
        static let pattern: Pattern = "greet"
        typealias Reply = String
        var name: String
    }

    private struct Greeted: Event {
        static let pattern: Pattern = "greeted"
        var name: String
    }

    @Test func aRequestCarriesItsTimeoutHeadersAndKey() async throws {
        let client = ScriptedClient(.success(try Payload(json: "3")))
        let before = NIODeadline.now()
        let sum: Int = try await proxy(client).send(
            "sum", [1, 2], options: CallOptions(timeout: .seconds(2), headers: ["tenant": "a"], key: "k"))
        let message = try #require(client.sent.value.first)
        #expect(sum == 3 && message.pattern == "sum" && "\(message.payload)" == "[1,2]")
        #expect(message.key == "k" && message.headers["tenant"] == "a" && message.headers["nest-timeout-ms"] == "2000")
        #expect(message.deadline >= before + .seconds(2) && message.deadline <= .now() + .seconds(2))
    }

    @Test func theDefaultTimeout() async throws {
        let client = ScriptedClient()
        try await proxy(client, timeout: .seconds(7)).send("p", 1)
        #expect(client.sent.value.first?.headers["nest-timeout-ms"] == "7000")
    }

    @Test func eventsAndStreamsSendNoTimeout() async throws {
        let client = ScriptedClient(.success(try Payload(json: "1")))
        try await proxy(client).emit("p", 1)
        #expect(client.emitted.value.first?.headers.isEmpty == true)
        var items: [Int] = []
        for try await item in try await proxy(client).stream("p", 1, of: Int.self) { items.append(item) }
        #expect(items == [1] && client.sent.value.first?.headers["nest-timeout-ms"] == nil)
    }

    @Test func aCallNeverWaitsLongerThanItsCaller() async throws {
        let client = ScriptedClient()
        let inherited = NIODeadline.now() + .seconds(1)
        try await InheritedCall.$deadline.withValue(inherited) {
            try await proxy(client).send("p", 1, options: .timeout(.seconds(60)))
            try await proxy(client).send("p", 1, options: .timeout(.milliseconds(100)))
        }
        #expect(client.sent.value.first?.deadline == inherited)
        let own = try #require(client.sent.value.last?.deadline)
        #expect(own < inherited)
    }

    @Test func nothingIsSentAfterTheDeadline() async throws {
        let client = ScriptedClient()
        let error = await #expect(throws: TransportError.self) {
            try await InheritedCall.$deadline.withValue(.now() - .seconds(1)) { try await proxy(client).send("p", 1) }
        }
        #expect(error?.code == .timeout && client.sent.value.isEmpty)
    }

    @Test func whatCannotBeEncodedOrDecoded() async throws {
        let client = ScriptedClient(.success(try Payload(json: "\"x\"")))
        let encoding = await #expect(throws: TransportError.self) { try await proxy(client).send("p", Unencodable()) }
        #expect(encoding?.code == .invalidMessage && encoding?.cause is EncodingError && client.sent.value.isEmpty)
        let decoding = await #expect(throws: TransportError.self) {
            let _: Int = try await proxy(client).send("p", 1)
        }
        #expect(decoding?.code == .invalidMessage && decoding?.cause is DecodingError)
    }

    @Test func headersOfTheFrameworkAreItsOwn() async throws {
        let client = ScriptedClient()
        let options = CallOptions(
            timeout: .seconds(2),
            headers: ["nest-timeout-ms": "1", "Nest-Stream": "5", "NEST-KEY": "k", "tenant": "a", "nest": "b"])
        try await proxy(client).send("p", 1, options: options)
        try await proxy(client).emit("p", 1, options: options)
        #expect(client.sent.value.first?.headers == ["tenant": "a", "nest": "b", "nest-timeout-ms": "2000"])
        #expect(client.emitted.value.first?.headers == ["tenant": "a", "nest": "b"])
    }

    @Test(arguments: ["", "a..b", "a.*", ">", String(repeating: "a", count: 513)])
    func nothingIsSentToWhatIsNoName(name: String) async throws {
        let client = ScriptedClient()
        let proxy = proxy(client)
        let errors = [
            await #expect(throws: TransportError.self) { try await proxy.send(Pattern(name), 1) },
            await #expect(throws: TransportError.self) { try await proxy.emit(Pattern(name), 1) },
            await #expect(throws: TransportError.self) { _ = try await proxy.stream(Pattern(name), 1, of: Int.self) },
        ]
        for error in errors { #expect(error?.code == .invalidMessage && error?.message.contains("pattern") == true) }
        #expect(client.sent.value.isEmpty && client.emitted.value.isEmpty)
    }

    @Test func aStreamInsideAHandlerEndsWithItsCaller() async throws {
        let client = ScriptedClient()
        let inherited = NIODeadline.now() + .seconds(60)
        _ = try await InheritedCall.$deadline.withValue(inherited) {
            try await proxy(client).stream("p", 1, of: Payload.self)
        }
        _ = try await proxy(client).stream("p", 1, of: Payload.self)
        #expect(client.sent.value.map(\.streamDeadline) == [inherited, nil])
    }

    @Test func contracts() async throws {
        let client = ScriptedClient(.success(try Payload(json: "\"hello a\"")))
        let greeting = try await proxy(client).send(Greet(name: "a"))
        try await proxy(client).emit(Greeted(name: "a"))
        #expect(greeting == "hello a" && client.sent.value.first?.pattern == "greet")
        #expect(client.emitted.value.first?.pattern == "greeted")
    }

    @Test func theHandlersErrorIsThrown() async throws {
        let client = ScriptedClient(.failure(TransportError("card_declined", "no money")))
        await #expect(throws: TransportError("card_declined", "no money")) { try await proxy(client).send("p", 1) }
    }
}
