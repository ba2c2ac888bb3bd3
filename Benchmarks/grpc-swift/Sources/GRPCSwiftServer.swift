import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// `grpc-swift-server PORT`: answers `Send` as `nest-peer serve` does. Prints `listening PORT`; port 0 takes a free one.
@main
enum GRPCSwiftServer {
    static func main() async throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: .plaintext,
                config: .defaults {
                    // What ours are.
                    $0.http2.maxConcurrentStreams = 1_024
                    $0.http2.targetWindowSize = 256 << 10
                }),
            services: [MicroserviceService()])
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await server.serve() }
            if let port = try await server.listeningAddress?.ipv4?.port { say("listening \(port)\n") }
        }
    }

    /// Standard output may be a pipe, which `print` would fill first.
    private static func say(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
