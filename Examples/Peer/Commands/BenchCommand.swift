import ArgumentParser
import Foundation
import NestMessaging

/// `nest-peer bench URL IN_FLIGHT SECONDS`
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Sends requests as fast as replies come. Prints one line of JSON.")

    @OptionGroup var transport: PeerTransport
    @Argument(help: "Requests in flight at once.") var inFlight: Int
    @Argument(help: "How long to measure.") var seconds: Double
    @Option(help: "Size of the payload, about.") var payloadBytes = 100
    @Option(help: "Connections.") var connections = 8
    @Option(help: "Which handler: echo, echo.typed or echo.message.") var pattern = "echo.message"
    @Option(help: "Seconds before measuring.") var warmup = 0.5

    func run() async throws {
        let client = try ClientProxy(transport.client(connections: connections))
        let bench = Bench(client: client, pattern: Pattern(pattern), payload: Self.payload(bytes: payloadBytes))
        let result = try await bench.run(inFlight: inFlight, warmup: .seconds(warmup), time: .seconds(seconds))
        await client.close()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        Output.line(String(decoding: try encoder.encode(result), as: UTF8.self))
        guard result.errors == 0 else { throw ExitCode.failure }
    }

    func validate() throws {
        guard inFlight > 0, seconds > 0, connections > 0, warmup >= 0 else {
            throw ValidationError("IN_FLIGHT, SECONDS and --connections are positive")
        }
    }

    /// A payload of about that size, the rest in its note.
    private static func payload(bytes: Int) -> MessageEcho {
        var payload = MessageEcho(id: 4_711, sku: "sku-123", quantity: 3, price: 19.99, note: "", tags: ["a", "b"])
        let bare = (try? Payload(encoding: payload).count) ?? 0
        payload.note = String(repeating: "n", count: max(0, bytes - bare))
        return payload
    }
}
