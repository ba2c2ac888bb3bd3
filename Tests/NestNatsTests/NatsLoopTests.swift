import NestTesting
import Testing

@testable import NestMessaging
@testable import NestNats

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("The NATS connections of a process") struct NatsLoopTests {
    @Test("are looked after by one thread")
    func shared() throws {
        let (loop, again) = (try NatsLoop.shared(), try NatsLoop.shared())
        let client = try ClientProxy(.nats(url: "nats://127.0.0.1:1"))
        #expect(again === loop && client.taskExecutor as AnyObject? === loop)
    }

    #if os(Linux)
        /// Other than the library's threads, which wait for it.
        @Test("their thread is an ordinary one", .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
        func ordinary() async throws {
            let client = try ClientProxy.nats(.test(try await Brokers.shared.broker("plain").url))
            try await client.connect()
            let loop = try NatsLoop.shared()
            #expect(await loop.run { sched_getscheduler(0) } == SCHED_OTHER)
            await client.close()
        }
    #endif
}
