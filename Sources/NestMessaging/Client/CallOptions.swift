/// What one call wants different from its client's defaults.
public struct CallOptions: Sendable {
    /// How long to wait for the reply, or for the broker to confirm an event. Nil: the client's default. A handler
    /// that calls on never waits longer than its own caller does.
    public var timeout: Duration?
    /// Travel beside the payload. Names that begin with `nest-` are the framework's and are left out.
    public var headers: MessageHeaders
    /// Messages of the same key keep their order, where the transport promises ``Guarantees/orderedPerKey``.
    public var key: String?

    /// The defaults.
    public init(timeout: Duration? = nil, headers: MessageHeaders = [:], key: String? = nil) {
        self.timeout = timeout
        self.headers = headers
        self.key = key
    }
}

extension CallOptions {
    /// The defaults, with a timeout of its own.
    public static func timeout(_ timeout: Duration) -> CallOptions { CallOptions(timeout: timeout) }
}
