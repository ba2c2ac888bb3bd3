/// What has gone through a ``FaultProxy``.
public struct FaultTraffic: Sendable, Hashable {
    /// Connections accepted since the proxy was started.
    public var accepted = 0
    /// Connections open now.
    public var open = 0
    /// Bytes handed on to the server.
    public var bytesToServer = 0
    /// Bytes handed on to clients.
    public var bytesToClient = 0
    /// Bytes swallowed, in either direction.
    public var swallowed = 0

    mutating func add(_ bytes: Int, _ direction: Fault.Direction) {
        switch direction {
        case .toServer: bytesToServer += bytes
        case .toClient: bytesToClient += bytes
        }
    }
}
