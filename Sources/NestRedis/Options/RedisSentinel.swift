/// Where to ask for the primary: it moves when a replica is promoted, and the sentinels know.
public struct RedisSentinel: Sendable {
    /// URLs of sentinels, such as `redis://10.0.0.1:26379`, asked in order until one knows.
    public var servers: [String]
    /// The name under which they watch the primary.
    public var primary: String
    /// Who we are to the sentinels; nil: what a URL carries, or nobody.
    public var credentials: RedisCredentials?

    /// Sentinels, and the name under which they watch the primary.
    public init(servers: [String], primary: String = "mymaster", credentials: RedisCredentials? = nil) {
        self.servers = servers
        self.primary = primary
        self.credentials = credentials
    }
}
