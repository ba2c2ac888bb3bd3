/// Which answers are compressed, by gzip or deflate, for peers whose `Accept-Encoding` asks for it.
public struct CompressionOptions: Sendable {
    /// Answers known to be shorter are sent as they are, in bytes.
    public var minimumSize = 1_024
    /// What content types begin with that are worth it. Event streams never are.
    public var contentTypes = [
        "application/json", "application/problem+json", "application/x-ndjson", "application/javascript",
        "application/xml", "image/svg+xml", "text/",
    ]

    /// The defaults above.
    public init() {}
}
