import Foundation
import NestRabbitMQ
import NestTesting

/// Certificates made for one test run by `Scripts/make-certs.sh`.
struct Certificates: Sendable {
    private let folder: String

    static let shared = Result { try Certificates() }

    private init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "nest-certs-\(UUID().uuidString.prefix(8))")
        folder = url.path
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [root.appendingPathComponent("Scripts/make-certs.sh").path, folder]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func server(_ name: String = "server", mutual: Bool = false) -> RabbitMQBroker.TLS {
        RabbitMQBroker.TLS(
            authority: path("ca.pem"), certificate: path("\(name).pem"), privateKey: path("\(name).key"),
            demandsCertificate: mutual)
    }

    /// What a client trusts.
    var trust: RabbitMQTLSOptions { RabbitMQTLSOptions(certificateAuthority: .file(path("ca.pem"))) }
}
