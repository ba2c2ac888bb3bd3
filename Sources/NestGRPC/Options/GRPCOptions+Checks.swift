extension GRPCOptions {
    /// `host:port`, as errors and logs say it.
    var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "gRPC options: \(what)") }
        }
        try check(!host.isEmpty, "host is empty")
        try check((0...65_535).contains(port), "port \(port) is none")
        try check((64...(1 << 30)).contains(maxMessageBytes), "maxMessageBytes must be between 64 and 1 GiB")
        try check((1 << 10...1 << 16).contains(maxHeaderBytes), "maxHeaderBytes must be between 1 KiB and 64 KiB")
        try check(maxConnections > 0, "maxConnections must be positive")
        try check((1...1 << 20).contains(maxConcurrentStreams), "maxConcurrentStreams must be between 1 and 1,048,576")
        try check(
            (maxMessageBytes...1 << 30).contains(maxInFlightBytesPerConnection),
            "maxInFlightBytesPerConnection must hold a message, and be 1 GiB at most")
        try check(maxUnsentBytesPerConnection >= maxMessageBytes, "maxUnsentBytesPerConnection must hold a message")
        try check(idleTimeout.map { $0 > .zero } ?? true, "idleTimeout must be positive")
        try check(keepaliveInterval.map { $0 > .zero } ?? true, "keepaliveInterval must be positive")
        try check(backlog > 0, "backlog must be positive")
        try check((1...1_024).contains(connections), "connections must be between 1 and 1,024")
        try check(maxPending > 0, "maxPending must be positive")
        try check(maxBufferedBytes > 0, "maxBufferedBytes must be positive")
        try check(reconnectDelay > .zero, "reconnectDelay must be positive")
        try check(maxReconnectDelay >= reconnectDelay, "maxReconnectDelay must not be less than reconnectDelay")
        try check((1...4_096).contains(streamWindow), "streamWindow must be between 1 and 4,096")
        try check(
            connectTimeout > .zero && handshakeTimeout > .zero && keepaliveTimeout > .zero && writeTimeout > .zero,
            "timeouts must be positive")
    }
}
