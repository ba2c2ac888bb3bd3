import ArgumentParser
import Foundation
import NestGRPC

extension PeerTransport {
    var isGRPC: Bool { url.hasPrefix("grpc://") || url.hasPrefix("grpcs://") }

    /// `grpcs` asks for TLS, and for its files.
    func grpcOptions(_ tls: TLSOptions?, connections: Int?) throws -> GRPCOptions {
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
}
