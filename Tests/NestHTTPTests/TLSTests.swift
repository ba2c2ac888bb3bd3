import Foundation
import NIOCore
import NIOSSL
import NestHTTP
import Testing

private struct Secrets: Controller {
    static func make(from resolver: Resolver) -> Secrets { Secrets() }
    static var handlers: [Handler<Secrets>] { [.get("/secret") { (_, _: HTTPCall) in "told" }] }
}

@Suite("HTTPS") struct TLSTests {
    private static let folder = Result { try made() }

    /// Certificates for one test run.
    private static func made() throws -> String {
        let folder = NSTemporaryDirectory() + "nest-https-\(UUID().uuidString)"
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Scripts/make-certs.sh").standardizedFileURL
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [script.path, folder]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return folder
    }

    @Test("requests come encrypted; whoever speaks plainly gets nothing")
    func secure() async throws {
        let folder = try Self.folder.get()
        var options = HTTPOptions()
        options.tls = .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile("\(folder)/server.pem").map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(folder)/server.key", format: .pem)))
        var client = TLSConfiguration.makeClientConfiguration()
        client.trustRoots = .file("\(folder)/ca.pem")
        let context = try NIOSSLContext(configuration: client)
        try await withWeb(Secrets.self, options: options) { web async throws in
            #expect(web.app.endpoints.first?.scheme == "https")
            let peer = try await Peer.connect(to: web.port, tls: context)
            #expect(try await peer.ask("GET", "/secret").body == "told")
            let plain = try await web.connect()
            try await plain.send("GET /secret HTTP/1.1\r\nhost: t\r\n\r\n")
            let seen = try await plain.eventually("the end") { $0.isClosed }
            #expect(!seen.text.contains("told"))
            await plain.close()
        }
    }

    @Test("settings that cannot work are told at the start")
    func unusable() async throws {
        let folder = try Self.folder.get()
        var options = HTTPOptions(port: 0)
        options.tls = .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile("\(folder)/ca.pem").map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(folder)/server.key", format: .pem)))
        let app = try await NestFactory.create(EmptyModule.self, options: options)
        let error = await #expect(throws: TransportError.self) { try await app.start() }
        #expect(error?.code == .invalidConfiguration)
    }
}
