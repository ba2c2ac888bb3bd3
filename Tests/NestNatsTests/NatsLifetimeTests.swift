import Foundation
import NIOPosix
import NestTesting
import Testing

@testable import NestNats

/// What is closed is gone: threads, connections, clients, servers.
@Suite(.serialized, .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
struct NatsLifetimeTests {
    private final class Weak<Object: AnyObject> {
        weak var object: Object?
    }

    private var environment: TransportEnvironment {
        TransportEnvironment(logger: NatsService.quiet, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    }

    private func options() async throws -> NatsOptions {
        .test(try await Brokers.shared.broker("plain").url)
    }

    /// Its threads are the system's to take away: asks until they are gone.
    private func eventually(_ what: String, _ isMet: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while !isMet() {
            guard ContinuousClock.now < end else {
                Issue.record("\(what): not in 10 seconds")
                return
            }
            await Task.yield()
        }
    }

    @Test func connectionsAndLoopsGo() async throws {
        let connector = try NatsConnector(options: try await options())
        let connection = Weak<NatsConnection>()
        let loop = Weak<PollLoop>()
        do {
            let made = try PollLoop()
            let up = try await connector.connect(
                on: made, trying: connector.addresses, notices: NatsNotices { _, _ in })
            up.inbox = try up.subscribe("lifetime.>") { _ in }
            try await up.flush(within: .seconds(2))
            connection.object = up
            loop.object = made
            await up.close()
        }
        try await eventually("the connection goes") { connection.object == nil }
        try await eventually("the loop goes") { loop.object == nil }
    }

    @Test func clientsGo() async throws {
        let closed = Weak<NatsClient>()
        let dropped = Weak<NatsClient>()
        do {
            let options = try await options()
            let first = try NatsClient(options: options, environment: environment)
            let second = try NatsClient(options: options, environment: environment)
            try await first.connect()
            try await second.connect()
            closed.object = first
            dropped.object = second
            await first.close()
        }
        try await eventually("the closed client goes") { closed.object == nil }
        try await eventually("the dropped client goes") { dropped.object == nil }
    }

    #if os(Linux)
        @Test func threadsEnd() async throws {
            let options = try await options()
            func threads() -> Int {
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
            }
            for round in 0..<2 {
                // The first round starts what stays: the library's own threads, the pools.
                let before = threads()
                for _ in 0..<20 {
                    let service = try await NatsService.start(options)
                    let client = try ClientProxy.nats(options)
                    let reply: Int = try await client.send("test.echo", 1)
                    #expect(reply == 1)
                    await client.close()
                    await service.stop()
                }
                guard round > 0 else { continue }
                try await eventually("the threads end") { threads() < before + 10 }
            }
        }
    #endif
}
