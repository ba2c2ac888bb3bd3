import Logging
import NIOCore
import NIOPosix
import NestMessaging
import NestTesting
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite("Connections: accepting") struct ConnectionAcceptTests {
    @Test("when no connection can be accepted the socket rests for a moment, and says so once")
    func backoff() async throws {
        let lines = Watched<[String]>([])
        let resting = Watched<[Bool]>([])
        let taken = Watched(0)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = AcceptBackoff(.recorded(lines), transport: "test")
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .childChannelInitializer { channel in
                taken.increment()
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        for number in 1...2 {
            try await server.eventLoop.submit {
                server.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
                server.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
                resting.append(try server.syncOptions?.getOption(.autoRead) == false)
            }.get()
            let peer = try await Peer.connect(to: try #require(server.localAddress?.port))
            try await taken.eventually("the connection is taken") { $0 == number }
            await peer.close()
        }
        #expect(resting.value == [true, true] && lines.value.count == 1, "\(lines.value)")
        #expect(lines.value.first?.hasPrefix("warning: cannot accept connections") == true)
        try await server.close()
    }
}
