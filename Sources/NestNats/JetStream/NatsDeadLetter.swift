import NIOCore

/// A message that could not be handled, as the stream for dead letters keeps it.
public struct NatsDeadLetter: Sendable {
    /// Its number in the stream for dead letters.
    public let sequence: UInt64
    /// When it was put there, as RFC 3339.
    public let time: String
    /// The pattern its sender named.
    public let pattern: String
    /// Its payload; nil when what came was no JSON.
    public let payload: Payload?
    /// Its own headers, and `nest-attempt`, `nest-dead-reason`, `nest-dead-error`, `nest-dead-source`, `nest-dead-at`.
    public let headers: MessageHeaders
    /// The body as it came.
    let body: ByteBuffer
}
