import NestGRPC
import NestTesting

/// Certificates made for this run, as options of either side.
enum Certificates {
    private static func file(_ name: String) throws -> TLSOptions.PEM {
        .file(try TestCertificates.shared.get().path(name))
    }

    static func server(_ name: String = "server", mutual: Bool = false) throws -> TLSOptions {
        .server(
            certificate: try file("\(name).pem"), privateKey: try file("\(name).key"),
            clientCertificateAuthority: mutual ? try file("ca.pem") : nil)
    }

    static func client(mutual: Bool = false, serverName: String? = "localhost") throws -> TLSOptions {
        .client(
            certificateAuthority: try file("ca.pem"), certificate: mutual ? try file("client.pem") : nil,
            privateKey: mutual ? try file("client.key") : nil, serverName: serverName)
    }
}
