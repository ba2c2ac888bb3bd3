package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Options with which the kernel finds out that the other machine is gone: without them a connection whose peer has
/// vanished, and cannot say so, looks as if the peer were only quiet.
package enum PeerWatch {
    package struct Setting {
        package let option: ChannelOptions.Types.SocketOption
        package let value: ChannelOptions.Types.SocketOption.Value

        init(_ option: ChannelOptions.Types.SocketOption, _ value: Int) {
            self.option = option
            self.value = .init(value)
        }
    }

    /// A quiet peer is asked after this long.
    private static let idleSeconds = 30
    private static let intervalSeconds = 10
    private static let probes = 3

    /// The kernel gives up on what was written later than we do: a connection that it ends is ended without telling the
    /// peer, which may be there after all.
    private static let graceMilliseconds = 10_000.0

    /// A quiet peer is asked whether it is there, and what was written must be taken within the write timeout and some.
    package static func settings(writeTimeout: Duration) -> [Setting] {
        var settings = [
            Setting(.socketOption(.so_keepalive), 1), tcp(idleOption, idleSeconds),
            tcp(TCP_KEEPINTVL, intervalSeconds), tcp(TCP_KEEPCNT, probes),
        ]
        #if os(Linux)
            let limit = writeTimeout / .milliseconds(1) + graceMilliseconds
            settings.append(tcp(TCP_USER_TIMEOUT, Int(min(limit, Double(Int32.max)))))
        #endif
        return settings
    }

    #if os(Linux)
        private static let idleOption = TCP_KEEPIDLE
    #else
        private static let idleOption = TCP_KEEPALIVE
    #endif

    private static func tcp(_ name: CInt, _ value: Int) -> Setting {
        Setting(.tcpOption(NIOBSDSocket.Option(rawValue: name)), value)
    }
}
