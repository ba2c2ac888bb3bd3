import ArgumentParser
import Foundation
import NestGRPC

extension PeerTransport {
    var isGRPC: Bool { url.hasPrefix("grpc://") || url.hasPrefix("grpcs://") }

    /// `grpcs` asks for TLS, and for its files.
    func grpcOptions(_ tls: GRPCTLSOptions?, connections: Int?) throws -> GRPCOptions {
        guard let parts = URLComponents(string: url), let host = parts.host, let port = parts.port,
            (parts.scheme == "grpcs") == (tls != nil)
        else {
            throw ValidationError(
                "`\(url)`: write grpc://HOST:PORT, or grpcs://HOST:PORT with --ca or --cert and --key")
        }
        let name = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        var options = GRPCOptions(host: name, port: port, tls: tls)
        if let connections { options.connections = connections }
        return options
    }

    var grpcServerTLS: GRPCTLSOptions? {
        guard let cert, let key else { return nil }
        return .server(
            certificate: .file(cert), privateKey: .file(key), clientCertificateAuthority: ca.map { .file($0) })
    }

    var grpcClientTLS: GRPCTLSOptions? {
        guard let ca else { return nil }
        return .client(
            certificateAuthority: .file(ca), certificate: cert.map { .file($0) }, privateKey: key.map { .file($0) })
    }
}
