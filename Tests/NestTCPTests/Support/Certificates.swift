import Foundation
import NestTCP

/// Certificates made for one test run by `Scripts/make-certs.sh`.
struct Certificates: Sendable {
    private let folder: String

    static let shared = Result { try Certificates() }

    private init() throws {
        folder = Folder.temporary("certificates")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Scripts/make-certs.sh").standardizedFileURL
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [script.path, folder]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    private init(folder: String) { self.folder = folder }

    /// The same in a folder of their own, to be exchanged.
    func copy() throws -> Certificates {
        let copy = Folder.temporary("rotated")
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        return Certificates(folder: copy)
    }

    /// Puts one file in the place of another, in one step.
    func replace(_ name: String, with other: String) throws {
        let fresh = "\(folder)/\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: "\(folder)/\(other)", toPath: fresh)
        guard rename(fresh, "\(folder)/\(name)") == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    private func file(_ name: String) -> TLSOptions.PEM { .file("\(folder)/\(name)") }

    func server(_ name: String = "server", mutual: Bool = false) -> TLSOptions {
        .server(
            certificate: file("\(name).pem"), privateKey: file("\(name).key"),
            clientCertificateAuthority: mutual ? file("ca.pem") : nil)
    }

    func client(authority: String = "ca", identified: Bool = false, serverName: String? = nil) -> TLSOptions {
        .client(
            certificateAuthority: file("\(authority).pem"), certificate: identified ? file("client.pem") : nil,
            privateKey: identified ? file("client.key") : nil, serverName: serverName)
    }
}
