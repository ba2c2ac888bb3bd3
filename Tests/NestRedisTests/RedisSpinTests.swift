import NIOCore
import NestMessaging
import NestTesting
import Testing

@testable import NestRedis

/// Whether the loop of a connection spins for what may come.
@Suite struct RedisSpinTests {
    private static let hasProcessors = System.coreCount > 1

    /// Asks, and again as soon as the answer has come, until `isOver`.
    private func exchange(with redis: ScriptedRedis, until isOver: (Int) async throws -> Bool) async throws {
        for number in 1... {
            async let reply = redis.connection.ask(["COMMAND\(number)."], "asking", within: .seconds(10))
            try await redis.hears("COMMAND\(number).")
            try await redis.say("+OK\r\n")
            #expect(try await reply.text == "OK")
            if try await isOver(number) { return }
        }
    }

    @Test(.enabled(if: hasProcessors, "with one processor nobody spins"))
    func itDoesInABriskExchange() async throws {
        let redis = try await ScriptedRedis.start { $0.spinWait = .milliseconds(1) }
        let spinWait = try #require(redis.connection.spinWait)
        try await within(.seconds(30), "a loop that spins") {
            try await exchange(with: redis) { _ in
                try await redis.connection.loop.submit { spinWait.count > 0 }.get()
            }
        }
        try await redis.stop()
    }

    @Test func itSleepsWhereTheOptionsSaySo() async throws {
        let redis = try await ScriptedRedis.start { $0.spinWait = .zero }
        #expect(redis.connection.spinWait == nil)
        try await exchange(with: redis) { $0 == 3 }
        try await redis.stop()
    }
}
