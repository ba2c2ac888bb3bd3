import NIOCore

/// How long a connection may be in each of its states.
struct ConnectionTimeouts: Sendable {
    /// Without a request, or with a peer that reads nothing.
    var idle: TimeAmount
    /// From a head's first byte to its last.
    var header: TimeAmount
    /// From a head to the beginning of its answer.
    var request: TimeAmount
    /// From our last word until the peer closes too.
    var linger: TimeAmount = .seconds(2)
    /// How much of a body that nobody wants is read for the sake of using the connection again.
    var discard = 64 << 10
    /// How much is read so that a peer that still sends gets its last answer.
    var lingerBytes = 16 << 20
}

extension ConnectionTimeouts {
    init(_ options: HTTPOptions) {
        self.init(
            idle: TimeAmount(options.idleTimeout), header: TimeAmount(options.headerTimeout),
            request: TimeAmount(options.requestTimeout))
    }
}
