import Foundation
import NestRedis
import NestTesting

/// `nest-peer serve` as a child process: the way to see what becomes of work when a process is gone for good.
enum PeerProcess {
    static func started(
        _ options: RedisOptions, queue: String = "test", claimAfter: Int = 1
    ) async throws -> BrokerProcess {
        let folder = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
        let arguments = [
            "serve", options.servers[0], "--mode", "\(options.mode)".lowercased(), "--prefix", options.prefix,
            "--queue", queue,
            "--claim-after", "\(claimAfter)",
        ]
        let peer = BrokerProcess(
            BrokerProgram(
                folder.appendingPathComponent("nest-peer").path, arguments: arguments, readyLine: "listening"))
        try await peer.start()
        return peer
    }
}
