import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which of Redis's replies the loop is woken for.
///
/// A request is confirmed when its entry is stored, and an answer is when it is published. Nobody waits for that: the
/// kernel keeps it until something comes that somebody waits for, which saves a service and its caller every second
/// wake-up with few calls under way. An error is longer than what it stands for, so it wakes as if somebody waited.
///
/// Linux also wakes for what is there already when less is to be held back. Elsewhere that is not known: nothing is.
extension RedisConnection {
    static var canHoldBack: Bool {
        #if os(Linux)
            true
        #else
            false
        #endif
    }

    /// More than this is read, whoever waits.
    private static let mostIdleBytes = 352

    /// Has the kernel hold back what nobody waits for, up to the first reply that somebody does.
    func holdBackIdleReplies() {
        guard holdsBack, !hasEnded, let reader else { return }
        // Of a reply that has begun fewer bytes are to come than it has.
        setIdleBytes(isClosing || reader.isWithin ? 0 : expected.idleBytes(upTo: Self.mostIdleBytes))
    }

    /// Reads what is there, and what is still to come.
    func readIdleReplies() { setIdleBytes(0) }

    private func setIdleBytes(_ bytes: Int) {
        guard bytes != idleBytes, let options = context?.channel.syncOptions else { return }
        idleBytes = bytes
        // Where it is not to be had, each reply wakes.
        try? options.setOption(
            ChannelOptions.Types.SocketOption(level: .socket, name: NIOBSDSocket.Option(rawValue: SO_RCVLOWAT)),
            value: SocketOptionValue(bytes + 1))
    }
}
