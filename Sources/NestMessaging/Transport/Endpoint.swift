/// Where a server can be reached: `tcp://127.0.0.1:4000`, `tcp+unix:/run/orders.sock`.
public struct Endpoint: Sendable, Hashable {
    /// What comes after the scheme.
    public enum Location: Sendable, Hashable {
        /// A host name or address and the port that was really taken.
        case host(String, port: Int)
        /// A Unix domain socket.
        case path(String)
    }

    /// The transport's short name.
    public var scheme: String
    /// Where.
    public var location: Location

    /// An endpoint.
    public init(scheme: String, location: Location) {
        self.scheme = scheme
        self.location = location
    }

    /// The port; nil for a Unix domain socket.
    public var port: Int? {
        guard case .host(_, let port) = location else { return nil }
        return port
    }
}

extension Endpoint: CustomStringConvertible {
    /// As a URL.
    public var description: String {
        switch location {
        case .host(let host, let port): "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .path(let path): "\(scheme)+unix:\(path)"
        }
    }
}
