public import HTTPTypes

/// How an HTTP handler wants to be run, and what its answers have in common.
public struct HTTPHandlerOptions: Sendable {
    /// The status of its answers; nil: 201 for POST, 200 otherwise.
    public var status: HTTPResponse.Status?
    /// Header fields of its answers, errors aside.
    public var headers: HTTPFields
    /// The longest body it takes, in bytes; nil: ``HTTPOptions/maxBodySize``.
    public var maxBodySize: Int?
    /// How long it may take until its answer begins; nil: ``HTTPOptions/requestTimeout``.
    public var timeout: Duration?
    /// Runs off the event loop, on Swift's global pool: for handlers that compute for long.
    public var blocking: Bool

    /// The usual ways unless said.
    public init(
        status: HTTPResponse.Status? = nil, headers: HTTPFields = HTTPFields(), maxBodySize: Int? = nil,
        timeout: Duration? = nil, blocking: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.maxBodySize = maxBodySize
        self.timeout = timeout
        self.blocking = blocking
    }
}
