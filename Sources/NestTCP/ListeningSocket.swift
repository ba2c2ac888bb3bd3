import NIOCore
import NIOPosix

/// A socket that listens.
struct ListeningSocket: Sendable {
    let channel: any Channel
    let endpoint: Endpoint

    init(channel: any Channel, address: TCPAddress) {
        self.channel = channel
        switch address.place {
        case .host(let host, let port):
            let location = Endpoint.Location.host(host, port: channel.localAddress?.port ?? port)
            endpoint = Endpoint(scheme: "tcp", location: location)
        case .unixSocket(let path): endpoint = Endpoint(scheme: "tcp", location: .path(path))
        }
    }

    /// Accepts nobody any more, and takes the socket's file away.
    func close() async {
        try? await channel.close()
        guard case .path(let path) = endpoint.location else { return }
        UnixSocketFile(path: path).remove()
    }
}
