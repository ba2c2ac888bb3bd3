/// What one call wants different from its client's defaults.
public struct CallOptions: Sendable {
    /// How long to wait for the reply, or for the broker to confirm an event. Nil: the client's default. A handler
    /// that calls on never waits longer than its own caller does.
    public var timeout: Duration?
    /// Travel beside the payload. Names that begin with `nest-` are the framework's and are left out.
    public var headers: MessageHeaders
    /// Messages of the same key keep their order, where the transport promises ``Guarantees/orderedPerKey``.
    public var key: String?
    /// Messages of a higher priority come first where a broker keeps them by it, as classic queues of RabbitMQ do;
    /// other transports take no notice. Nil: the lowest.
    public var priority: UInt8?

    /// The defaults.
    public init(
        timeout: Duration? = nil, headers: MessageHeaders = [:], key: String? = nil, priority: UInt8? = nil
    ) {
        self.timeout = timeout
        self.headers = headers
        self.key = key
        self.priority = priority
    }
}

extension CallOptions {
    /// The defaults, with a timeout of its own.
    public static func timeout(_ timeout: Duration) -> CallOptions { CallOptions(timeout: timeout) }

    /// The defaults, with a priority of its own.
    public static func priority(_ priority: UInt8) -> CallOptions { CallOptions(priority: priority) }
}
