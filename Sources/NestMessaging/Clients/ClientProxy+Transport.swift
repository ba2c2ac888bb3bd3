public import NIOCore

extension ClientProxy {
    /// A client outside of any application: a script, a test, a job. Connects on first use; `close()` ends it.
    ///
    /// - Parameters:
    ///   - transport: How it reaches the other side.
    ///   - name: How logs and health call it.
    ///   - timeout: How long a call waits that says nothing else.
    ///   - codec: How payloads are encoded and replies decoded.
    ///   - eventLoopGroup: Where its sockets live; nil: the group that the whole process shares.
    /// - Throws: ``TransportError/Code/invalidConfiguration`` when the transport's options cannot work.
    public convenience init(
        _ transport: some Transport, name: String = "client", timeout: Duration = .seconds(5),
        codec: JSONCodec = .default, eventLoopGroup: (any EventLoopGroup)? = nil
    ) throws(TransportError) {
        var config = ClientConfig(name, transport: transport)
        config.timeout = timeout
        config.codec = codec
        config.eventLoopGroup = eventLoopGroup
        try self.init(config)
    }

    /// The client that a configuration describes.
    public convenience init(_ config: ClientConfig) throws(TransportError) {
        let client = try config.transport.makeClient(environment: config.environment())
        self.init(
            name: config.name, transport: client, guarantees: config.transport.guarantees, codec: config.codec,
            timeout: config.timeout, system: config.transport.name)
    }
}
