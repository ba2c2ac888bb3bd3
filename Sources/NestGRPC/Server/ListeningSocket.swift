import NIOCore

/// A socket that listens.
struct ListeningSocket: Sendable {
    let channel: any Channel
    let endpoint: Endpoint

    init(channel: any Channel, options: GRPCOptions) {
        self.channel = channel
        let port = channel.localAddress?.port ?? options.port
        endpoint = Endpoint(
            scheme: options.tls == nil ? "grpc" : "grpcs", location: .host(options.host, port: port))
    }
}
