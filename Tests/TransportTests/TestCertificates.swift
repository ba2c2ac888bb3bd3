import Foundation
import NestTCP

/// Certificates made for this run by `Scripts/make-certs.sh`.
struct TestCertificates: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    private static let made = Result { try TestCertificates() }
    private let folder: TemporaryFolder

    /// The same for all tests of a run.
    static func shared() throws -> TestCertificates { try made.get() }

    private init() throws {
        folder = try TemporaryFolder()
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let script = Process()
        script.executableURL = URL(filePath: "/bin/sh")
        script.arguments = [root.appending(path: "Scripts/make-certs.sh").path(percentEncoded: false), folder.path]
        script.standardOutput = FileHandle.nullDevice
        try script.run()
        script.waitUntilExit()
        guard script.terminationStatus == 0 else {
            throw Failed(description: "make-certs.sh ended with \(script.terminationStatus)")
        }
    }

    private func file(_ name: String) -> TLSOptions.PEM { .file("\(folder.path)/\(name)") }

    func server(mutual: Bool) -> TLSOptions {
        .server(
            certificate: file("server.pem"), privateKey: file("server.key"),
            clientCertificateAuthority: mutual ? file("ca.pem") : nil)
    }

    func client(mutual: Bool) -> TLSOptions {
        .client(
            certificateAuthority: file("ca.pem"), certificate: mutual ? file("client.pem") : nil,
            privateKey: mutual ? file("client.key") : nil, serverName: "localhost")
    }
}
