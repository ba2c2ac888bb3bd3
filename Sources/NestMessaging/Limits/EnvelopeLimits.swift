/// What an envelope may hold besides its payload. Beyond it, it is malformed: what a peer writes is bounded before
/// anything is made of it.
enum EnvelopeLimits {
    /// Headers of one message.
    static let headers = 128
    /// Bytes of the header object, as it stands in the envelope.
    static let headerBytes = 64 << 10
    /// Bytes of a pattern, escapes resolved.
    static let patternBytes = 512
    /// Items a reader may say it is ready for.
    static let credit = 1 << 30
    /// Tries of one message that are counted.
    static let attempts = 1_000_000
    /// Milliseconds a caller may say it waits: a day.
    static let timeoutMilliseconds: Int64 = 86_400_000
}
