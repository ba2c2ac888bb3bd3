import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ChannelOptions.Types.SocketOption {
    /// How many unsent bytes the system keeps for a connection. Without such a limit it tells only now and then, by
    /// megabytes, that a peer goes on reading: a slow one would be taken for one that has stopped.
    static let unsentBytes = Self(level: .tcp, name: .init(rawValue: TCP_NOTSENT_LOWAT))
}
