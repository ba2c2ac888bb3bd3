import NIOCore
import NestTesting
import Testing

@testable import NestRedis

/// How much may wait to be written.
@Suite struct RedisRoomTests {
    @Test func whatHasLeftTakesNoRoom() async throws {
        let redis = try await ScriptedRedis.start { $0.maxBufferedBytes = 1_000 }
        for number in 1...20 {
            redis.connection.send(["COMMAND\(number)", String(repeating: "x", count: 200)])
            try await redis.hears("COMMAND\(number)")
            #expect(redis.connection.output.hasRoom, "after \(number) commands")
        }
        try await redis.stop()
    }

    /// What the socket does not take counts, and whoever waits for room is called when it has gone.
    @Test func aServerThatDoesNotReadTakesRoom() async throws {
        let redis = try await ScriptedRedis.start { $0.maxBufferedBytes = 1 << 20 }
        try await redis.reads(false)
        let part = String(repeating: "x", count: 256 << 10)
        // More than sockets hold by themselves.
        for _ in 0..<64 { redis.connection.send(["COMMAND", part]) }
        _ = try await redis.unanswered()
        #expect(!redis.connection.output.hasRoom)
        let isRoomy = Watched(false)
        redis.connection.output.whenRoomy { isRoomy.update { $0 = true } }
        #expect(!isRoomy.value)
        try await redis.reads(true)
        try await isRoomy.eventually(within: .seconds(10), "room") { $0 }
        #expect(redis.connection.output.hasRoom)
        try await redis.stop()
    }
}
