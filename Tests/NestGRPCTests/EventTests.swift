import Logging
import NestTesting
import Synchronization
import Testing

@testable import NestGRPC

/// Events: answered when they are taken, and whatever comes of them is said in the server's log.
@Suite(.serialized) struct EventTests {
    /// A server that logs, and a client of it.
    private func withLog(
        _ configure: (inout MicroserviceOptions) -> Void = { _ in },
        _ body: (TestService, Watched<[String]>) async throws -> Void
    ) async throws {
        let lines = Watched<[String]>([])
        try await TestService.run { options in
            options.logger = Logger(label: "test") { _ in WatchedLog(lines: lines) }
            configure(&options)
        } _: { service in
            try await body(service, lines)
        }
    }

    private static func emit(_ stream: UInt32, _ pattern: String, _ fields: [(String, String)] = []) -> [RawHTTP2.Frame]
    {
        let own = RawHTTP2.callFields.map { $0.0 == ":path" ? ($0.0, "/nestrs.microservices.Microservice/Emit") : $0 }
        return [
            .init(type: 1, flags: 4, stream: stream, payload: RawHTTP2.fields(own + fields)),
            RawHTTP2.request(stream, pattern, "\"x\""),
        ]
    }

    /// `EmitResponse{ok: true}`
    private static let taken: [UInt8] = [0, 0, 0, 0, 2, 0x08, 1]

    /// The handler waits at the gate all the while.
    @Test func anEventIsAnsweredWhenItIsTaken() async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                try await client.emit("held", "a")
                #expect(service.probe.log.value.contains("began a"))
                #expect(!service.probe.log.value.contains("ended a"))
                service.probe.gate.open()
                try await service.probe.log.eventually("the handler's end") { $0.contains("ended a") }
            }
        }
    }

    /// Whether the handler fails at once, later, or does not exist.
    @Test(arguments: [
        ("broken", "handler failed"), ("broken.later", "handler failed"), ("nobody", "no handler for pattern"),
    ])
    func whatBecomesOfAnEventIsLogged(_ pattern: String, _ line: String) async throws {
        try await withLog { service, lines in
            let peer = try await RawHTTP2.connect(to: service.port)
            try await peer.write(Self.emit(1, pattern))
            let seen = try await peer.eventually("the answer") { $0.hasEnded(1) }
            #expect(seen.frames.first { $0.type == 0 }?.payload == Self.taken)
            #expect(seen.headers[1]?["grpc-status"] == "0")
            service.probe.gate.open()
            try await lines.eventually("the log") { $0.contains(line) }
            try await peer.close()
        }
    }

    /// A caller's deadline is for its answer. An event that waits for its place is not dropped, and answered `ok` for it.
    @Test func anEventThatWaitedTooLongIsHandledAllTheSame() async throws {
        try await withLog {
            $0.maxInFlight = 1
        } _: { service, _ in
            let peer = try await RawHTTP2.connect(to: service.port)
            try await peer.write([RawHTTP2.call(1), RawHTTP2.request(1, "hold", "\"a\"")])
            try await service.probe.gate.eventuallyHolds(1)
            try await peer.write(Self.emit(3, "held", [("grpc-timeout", "1n")]))
            try await peer.write(.init(type: 6, payload: [UInt8](repeating: 1, count: 8)))
            try await peer.eventually("a pong") { seen in seen.frames.contains { $0.type == 6 } }
            #expect(!peer.seen.value.hasEnded(3))
            service.probe.gate.open()
            let seen = try await peer.eventually("the answer") { $0.hasEnded(3) }
            #expect(seen.headers[3]?["grpc-status"] == "0")
            try await service.probe.log.eventually("the handler's end") { $0.contains("ended x") }
            try await peer.close()
        }
    }

    /// Its connection is nothing to it once it is taken.
    @Test func anEventOutlivesItsConnection() async throws {
        try await TestService.run { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            try await peer.write(Self.emit(1, "held"))
            try await service.probe.gate.eventuallyHolds(1)
            try await peer.close()
            service.probe.gate.open()
            try await service.probe.log.eventually("the handler's end") { $0.contains("ended x") }
        }
    }
}

/// Keeps what is logged.
private struct WatchedLog: LogHandler {
    let lines: Watched<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    init(lines: Watched<[String]>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.update { $0.append("\(event.message)") } }
}
