import Foundation
import NestRabbitMQ
import NestTesting

/// `nest-peer serve` as a child process, an instance of the test's service: the way to see what becomes of work when a
/// process is gone for good.
enum PeerProcess {
    static func started(_ options: RabbitMQOptions, maxInFlight: Int) async throws -> BrokerProcess {
        let folder = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
        let arguments = [
            "serve", options.servers[0], "--prefix", options.prefix, "--queue", "default", "--max-in-flight",
            "\(maxInFlight)",
        ]
        let peer = BrokerProcess(
            BrokerProgram(
                folder.appendingPathComponent("nest-peer").path,
                arguments: arguments + (options.queues.kind == .classic ? ["--classic"] : []), readyLine: "listening"))
        try await peer.start(within: .seconds(60))
        return peer
    }
}
