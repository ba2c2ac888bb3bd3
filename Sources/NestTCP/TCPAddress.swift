import NIOCore

/// Where a TCP service is.
public struct TCPAddress: Sendable, Hashable {
    enum Place: Hashable, Sendable {
        case host(String, port: Int)
        case unixSocket(String)
    }

    let place: Place

    /// The same, for those who know no TCP.
    var location: Endpoint.Location {
        switch place {
        case .host(let host, let port): .host(host, port: port)
        case .unixSocket(let path): .path(path)
        }
    }

    /// A host name or address, and a port. As a server, port 0 takes a free one.
    public static func host(_ host: String, port: Int) -> TCPAddress { TCPAddress(place: .host(host, port: port)) }

    /// A Unix domain socket by its path.
    public static func unixSocket(_ path: String) -> TCPAddress { TCPAddress(place: .unixSocket(path)) }
}

extension TCPAddress: CustomStringConvertible {
    /// `host:port`, or `unix:path`.
    public var description: String {
        switch place {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path): "unix:\(path)"
        }
    }
}
