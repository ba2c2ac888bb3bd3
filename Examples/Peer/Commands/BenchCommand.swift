import ArgumentParser
import Foundation
import NIOPosix
import NestMessaging

/// `nest-peer bench URL IN_FLIGHT SECONDS`
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Sends requests as fast as replies come, or events as they are confirmed. Prints one line of JSON.")

    @OptionGroup var transport: PeerTransport
    @Argument(help: "Requests in flight at once.") var inFlight: Int
    @Argument(help: "How long to measure.") var seconds: Double
    @Option(help: "Size of the payload, about.") var payloadBytes = 100
    @Option(help: "Connections.") var connections = 8
    @Option(help: "Which handler: echo, echo.typed or echo.message; with --events: user.created.") var pattern: String?
    @Flag(help: "Send the payload as bytes, and leave the replies so (pattern echo).") var bytes = false
    @Flag(help: "Send events instead of requests.") var events = false
    @Option(help: "Seconds before measuring.") var warmup = 0.5
    @Option(help: "Where callers run: loop (as handlers that call on do) or pool (as any other task does).")
    var callers = Bench.Callers.loop
    @Option(help: "Event loops, each with a client of its own.") var loops = 1

    func run() async throws {
        let pattern = Pattern(pattern ?? (events ? "user.created" : "echo.message"))
        let bench = Bench(lanes: try lanes(), pattern: pattern, work: try work())
        let result = await bench.run(inFlight: inFlight, warmup: .seconds(warmup), time: .seconds(seconds))
        for lane in bench.lanes { await lane.client.close() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        Output.line(String(decoding: try encoder.encode(result), as: UTF8.self))
        guard result.errors == 0 else { throw ExitCode.failure }
    }

    func validate() throws {
        guard inFlight > 0, seconds > 0, connections > 0, loops > 0, warmup >= 0 else {
            throw ValidationError("IN_FLIGHT, SECONDS and --connections are positive")
        }
    }

    /// A client for each event loop, as a service has them whose handlers call on.
    private func lanes() throws -> [Bench.Lane] {
        let count = min(loops, connections)
        return try (0..<count).map { number in
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let share = (connections + number) / count
            let client = try ClientProxy(transport.client(connections: share), eventLoopGroup: loop)
            let executor: any TaskExecutor = client.taskExecutor ?? LoopTaskExecutor(loop)
            return Bench.Lane(client: client, executor: callers == .loop ? executor : nil)
        }
    }

    private func work() throws -> Bench.Work {
        let payload = Self.payload(bytes: payloadBytes)
        if events { return .event(try Payload(encoding: payload)) }
        return bytes ? .bytes(try Payload(encoding: payload)) : .typed(payload)
    }

    /// A payload of about that size, the rest in its note.
    private static func payload(bytes: Int) -> MessageEcho {
        var payload = MessageEcho(id: 4_711, sku: "sku-123", quantity: 3, price: 19.99, note: "", tags: ["a", "b"])
        let bare = (try? Payload(encoding: payload).count) ?? 0
        payload.note = String(repeating: "n", count: max(0, bytes - bare))
        return payload
    }
}
