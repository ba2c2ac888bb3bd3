import InMemoryTracing
import Metrics
import MetricsTestKit
import NIOCore
import NestTesting
import Testing
import Tracing

@testable import NestMessaging

@Suite struct ObservabilityTests {
    /// The caller's span and the handler's are one trace, over the message's headers.
    @Test func aTraceCrossesTheWire() async throws {
        let tracer = InMemoryTracer()
        let client = ScriptedClient(.success(try Payload(json: "1")))
        let message = try OutgoingMessage.to("orders.create")
        _ = try await ClientTracing(system: "test", tracer: tracer, instrument: tracer).send(message, on: client)
        let sent = try #require(client.sent.value.first)
        #expect(!sent.headers.isEmpty)
        let incoming = IncomingMessage.send("orders.create", headers: sent.headers)
        let outcome = await ServerTracing(system: "test", tracer: tracer, instrument: tracer).traced(incoming) {
            .reply(.success(.null))
        }
        #expect(outcome.line == "reply null")
        let spans = tracer.finishedSpans
        let (call, handling) = (try #require(spans.first), try #require(spans.last))
        #expect(spans.count == 2 && call.traceID == handling.traceID && handling.parentSpanID == call.spanID)
        #expect(call.operationName == "send orders.create" && call.kind == .client)
        #expect(handling.operationName == "process orders.create" && handling.kind == .server)
        #expect(handling.attributes["messaging.system"]?.toSpanAttribute() == "test")
    }

    @Test func errorsAreRecorded() async throws {
        let tracer = InMemoryTracer()
        let client = ScriptedClient(.failure(TransportError("x", "y")))
        let tracing = ClientTracing(system: "test", tracer: tracer, instrument: tracer)
        await #expect(throws: TransportError("x", "y")) { _ = try await tracing.send(try .to("p"), on: client) }
        try await tracing.emit(try .to("e"), on: client)
        let server = ServerTracing(system: "test", tracer: tracer, instrument: tracer)
        _ = await server.traced(.emit("e")) { .retry(after: .zero, TransportError("z", "")) }
        #expect(tracer.finishedSpans.map(\.errors.count) == [1, 0, 1])
        #expect(tracer.finishedSpans.map(\.kind) == [.client, .producer, .consumer])
    }

    @Test func aStreamsOpeningIsTraced() async throws {
        let tracer = InMemoryTracer()
        let client = ScriptedClient(.success(try Payload(json: "1")))
        let tracing = ClientTracing(system: "test", tracer: tracer, instrument: tracer)
        let stream = try await tracing.stream(try .to("p"), on: client)
        var items: [Payload] = []
        for try await item in stream { items.append(item) }
        #expect(items == [.text("1")] && client.sent.value.first?.headers.isEmpty == false)
        #expect(tracer.finishedSpans.map(\.operationName) == ["send p"])
    }

    @Test func unknownPatternsAndMalformedBytesAreCounted() throws {
        let factory = TestMetrics()
        let settlement = Settlement(
            transport: "test", guarantees: [], policy: DeliveryPolicy(), logger: .recorded(Watched([])),
            metrics: TransportMetrics(transport: "test", factory: factory))
        for _ in 0..<3 { _ = settlement.unknown(.send("x")) }
        for _ in 0..<2 { _ = settlement.malformed("why") }
        let dimensions = [("transport", "test")]
        #expect(try factory.expectCounter("nest_unknown_pattern_total", dimensions).totalValue == 3)
        #expect(try factory.expectCounter("nest_malformed_total", dimensions).totalValue == 2)
    }

    @Test func reconnectsAreCounted() throws {
        let factory = TestMetrics()
        let counter = ReconnectCounter(transport: "test", factory: factory)
        for _ in 0..<2 { counter.increment() }
        #expect(try factory.expectCounter("nest_reconnects_total", [("transport", "test")]).totalValue == 2)
        #expect(ReconnectCounter.installed(transport: "test") == nil)
    }

    @Test func outcomesAreCounted() throws {
        let factory = TestMetrics()
        let metrics = RouteMetrics(pattern: "p", transport: "test", factory: factory)
        let letter = DeadLetter(.maxAttempts, TransportError("x", "y"))
        let outcomes: [Outcome] = [
            .reply(.success(.null)), .done, .reply(.failure(TransportError("x", "y"))),
            .retry(after: .zero, TransportError("x", "y")), .deadLetter(letter),
            .replyAndDeadLetter(.success(.null), letter),
        ]
        for outcome in outcomes { metrics.record(outcome, since: .now()) }
        func count(_ outcome: String) throws -> Int64 {
            try factory.expectCounter(
                "nest_messages_total", [("transport", "test"), ("pattern", "p"), ("outcome", outcome)]
            ).totalValue
        }
        #expect(try count("succeeded") == 2)
        #expect(try count("failed") == 1)
        #expect(try count("retried") == 1)
        #expect(try count("dead_lettered") == 2)
        let timer = try factory.expectTimer("nest_message_duration", [("transport", "test"), ("pattern", "p")])
        #expect(timer.values.count == 6)
    }
}
