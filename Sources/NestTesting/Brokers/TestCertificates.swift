import Foundation

/// Certificates made for one test run by `Scripts/make-certs.sh`.
package struct TestCertificates: Sendable {
    private let folder: String

    /// Made when they are first asked for.
    package static let shared = Result { try TestCertificates() }

    private init() throws {
        folder = BrokerCleanUp.makeFolder(for: "certificates")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts/make-certs.sh")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [script.path, folder]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    /// Where a file of theirs is: `ca.pem`.
    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// What a broker shows: `server`, or `other-name`.
    package func server(_ name: String = "server", mutual: Bool = false) -> BrokerTLS {
        BrokerTLS(
            certificate: path("\(name).pem"), privateKey: path("\(name).key"),
            clientAuthority: mutual ? path("ca.pem") : nil)
    }
}
