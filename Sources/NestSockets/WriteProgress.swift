package import NIOCore

/// Tells whether a peer still takes what is written to it.
@usableFromInline
package struct WriteProgress {
    package enum Verdict {
        /// Nothing waits to be taken.
        case drained
        /// Something waits, and the peer may still take it.
        case waiting
        /// The peer has taken nothing for too long.
        case stuck
    }

    /// How many times within the timeout it is looked at.
    private static let checks = 4

    private let timeout: Duration
    /// Bytes given to the channel.
    @usableFromInline var written = 0
    private var taken = 0
    private var idleChecks = 0

    package init(timeout: Duration) { self.timeout = timeout }

    /// When to look again.
    package var interval: Duration { timeout / Self.checks }

    @inlinable package mutating func wrote(_ bytes: Int) { written &+= bytes }

    /// Compares with what the last look saw.
    package mutating func look(at channel: any Channel) -> Verdict {
        let buffered = (try? channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)) ?? 0
        guard buffered > 0 else {
            idleChecks = 0
            return .drained
        }
        let now = written &- buffered
        idleChecks = now > taken ? 0 : idleChecks + 1
        taken = now
        return idleChecks >= Self.checks ? .stuck : .waiting
    }
}
