import MetricsTestKit
import NIOCore
import NestTesting
import Testing

@testable import NestMessaging

/// Turns a ``Surprise`` into a last item.
private struct LastWord: ExceptionFilter {
    func `catch`(_ error: any Error, _ context: ExecutionContext) async throws -> HandlerResult {
        guard error is Surprise else { throw TransportError("filtered", "by \(context.handler)") }
        return try .encoding(99)
    }
}

private struct Streams: Controller {
    let log: DeskLog

    static var dependencies: [Dependency] { [Dependency(DeskLog.self)] }
    static func make(from resolver: Resolver) async throws -> Streams { Streams(log: try await resolver.resolve()) }

    private static let filter = Enhancers(filters: [FilterReference(LastWord())])

    private static func broken(by error: any Error) -> AsyncThrowingStream<Int, any Error> {
        AsyncThrowingStream { stream in
            stream.yield(1)
            stream.finish(throwing: error)
        }
    }

    static var handlers: [Handler<Streams>] {
        [
            .message("endless") { (streams, _: NoPayload, _) in
                AsyncStream<Int> { stream in
                    stream.yield(1)
                    stream.onTermination = { _ in streams.log.lines.append("cancelled") }
                }
            },
            .message("breaks", name: "breaker") { (_, _: NoPayload, _) in broken(by: Surprise()) },
            .message("filtered", name: "filtering", enhancers: filter) { (_, _: NoPayload, _) in
                broken(by: Surprise())
            },
            .message("replaced", name: "replacing", enhancers: filter) { (_, _: NoPayload, _) in
                broken(by: TransportError("x", "y"))
            },
        ]
    }
}

@Suite struct HandlerStreamTests {
    private let log = DeskLog()

    private func stream(_ pattern: String, _ dispatcher: MessageDispatcher) async throws -> PayloadStream {
        guard case .stream(let stream) = await dispatcher.dispatch(.send(pattern)) else {
            throw TransportError("no_stream", pattern)
        }
        return stream
    }

    /// What the reader of a stream is sent.
    private func answers(
        _ pattern: String, _ dispatcher: MessageDispatcher, credit: StreamCredit = StreamCredit(9)
    ) async throws -> [String] {
        let sent = Watched<[String]>([])
        await dispatcher.pull(try await stream(pattern, dispatcher), for: .send(pattern), credit: credit) { response in
            switch response {
            case .item(let payload): sent.append("\(payload)")
            case .end: sent.append("end")
            case .reply(let reply): sent.append(Outcome.reply(reply).line)
            }
        }
        return sent.value
    }

    @Test func collectingEndsAtTheDeadline() async throws {
        try await withDispatcher([Streams.self], providers: [.value(log)]) { (dispatcher: MessageDispatcher) in
            var message = IncomingMessage.send("endless")
            message.deadline = .now() + .milliseconds(20)
            let (endless, sent) = (try await stream("endless", dispatcher), message)
            let outcome = try await within(.seconds(10), "collecting") { await dispatcher.collect(endless, for: sent) }
            #expect(outcome.line == "fail timeout: the handler's stream did not end in time")
            #expect(log.lines.value == ["cancelled"])
        }
    }

    @Test func collectingEndsWithoutADeadlineToo() async throws {
        try await withDispatcher([Streams.self], providers: [.value(log)]) { (dispatcher: MessageDispatcher) in
            let endless = try await stream("endless", dispatcher)
            let outcome = try await within(.seconds(10), "collecting") {
                await dispatcher.collect(endless, for: .send("endless"), patience: .milliseconds(20))
            }
            #expect(outcome.line.hasPrefix("fail timeout") && log.lines.value == ["cancelled"])
        }
        #expect(CollectLimits.time == .seconds(30))
    }

    /// The sequence ends early then: what there is of it is not passed off as all of it.
    @Test func aCancelledCollectionIsNoAnswer() async throws {
        try await withDispatcher([Streams.self], providers: [.value(log)]) { (dispatcher: MessageDispatcher) in
            let endless = try await stream("endless", dispatcher)
            let collecting = Task { await dispatcher.collect(endless, for: .send("endless")) }
            collecting.cancel()
            #expect(await collecting.value.line.hasPrefix("fail cancelled"))
        }
    }

    @Test func aStreamThatFailsIsLoggedWithItsHandler() async throws {
        let lines = Watched<[String]>([])
        var options = MicroserviceOptions()
        options.logger = .recorded(lines)
        try await withDispatcher([Streams.self], providers: [.value(log)], options: options) {
            (dispatcher: MessageDispatcher) in
            #expect(try await answers("breaks", dispatcher) == ["1", "fail internal: internal error"])
            let broken = try await stream("breaks", dispatcher)
            #expect(await dispatcher.collect(broken, for: .send("breaks")).line == "fail internal: internal error")
        }
        let failures = lines.value.filter { $0.hasPrefix("error: handler failed") }
        #expect(failures.count == 2 && failures.allSatisfy { $0.contains("nest.handler=breaker") }, "\(failures)")
    }

    @Test func filtersSeeWhatIsThrownWhileTheStreamRuns() async throws {
        try await withDispatcher([Streams.self], providers: [.value(log)]) { (dispatcher: MessageDispatcher) in
            #expect(try await answers("filtered", dispatcher) == ["1", "99", "end"])
            #expect(try await answers("replaced", dispatcher) == ["1", "fail filtered: by replacing"])
            let collected = try await stream("filtered", dispatcher)
            #expect(await dispatcher.collect(collected, for: .send("filtered")).line == "reply [1,99]")
        }
    }

    @Test func aStreamIsCountedWhenItEnds() async throws {
        let factory = TestMetrics()
        try await withDispatcher([Streams.self], providers: [.value(log)]) { (made: MessageDispatcher) in
            let dispatcher = made.measured(by: factory)
            func counted(_ pattern: String) throws -> [Int64] {
                try ["succeeded", "failed", "cancelled"].map {
                    try factory.expectCounter(
                        "nest_messages_total", [("transport", "capture"), ("pattern", pattern), ("outcome", $0)]
                    ).totalValue
                }
            }
            _ = try await stream("filtered", dispatcher)
            #expect(try counted("filtered") == [0, 0, 0])
            _ = try await answers("filtered", dispatcher)
            #expect(try counted("filtered") == [1, 0, 0])
            _ = try await answers("breaks", dispatcher)
            #expect(try counted("breaks") == [0, 1, 0])
            let gone = StreamCredit(1)
            gone.cancel()
            _ = try await answers("filtered", dispatcher, credit: gone)
            #expect(try counted("filtered") == [1, 0, 1])
            _ = await dispatcher.collect(try await stream("breaks", dispatcher), for: .send("breaks"))
            #expect(try counted("breaks") == [0, 2, 0])
            let meter = try factory.expectMeter("nest_messages_in_flight", [("transport", "capture")])
            #expect(meter.values.max() == 1 && meter.values.last == 0)
        }
    }
}
