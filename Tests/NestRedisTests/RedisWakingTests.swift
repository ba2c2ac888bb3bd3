import NIOCore
import NestTesting
import Testing

@testable import NestRedis

/// Which replies a loop is woken for.
@Suite(.enabled(if: RedisConnection.canHoldBack, "only Linux holds replies back"))
struct RedisWakingTests {
    private static let id = "$15\r\n1764480000000-0\r\n"

    @Test func whatNobodyWaitsForIsReadWithWhatSomebodyDoes() async throws {
        let redis = try await ScriptedRedis.start()
        redis.connection.send(["FIRST"])
        redis.connection.send(.later { _ in }) { bytes, _ in bytes.writeCommand(["SECOND"]) }
        redis.connection.send(.call(1, .sent(isIdle: true))) { bytes, _ in bytes.writeCommand(["THIRD"]) }
        try await redis.hears("THIRD")
        try await redis.say(":1\r\n:1\r\n\(Self.id)")
        #expect(try await redis.unanswered() == 3)
        async let reply = redis.connection.ask(["FOURTH"], "asking", within: .seconds(10))
        try await redis.hears("FOURTH")
        #expect(try await redis.unanswered() == 4)
        try await redis.say("+OK\r\n")
        #expect(try await reply.text == "OK")
        #expect(try await redis.unanswered() == 0)
        try await redis.stop()
    }

    /// Of the one that has begun fewer bytes are to come than it has.
    @Test func whatComesBehindHalfAReplyIsNotHeldBack() async throws {
        let redis = try await ScriptedRedis.start()
        async let first = redis.connection.ask(["FIRST"], "asking", within: .seconds(10))
        try await redis.hears("FIRST")
        redis.connection.send(.call(1, .sent(isIdle: true))) { bytes, _ in bytes.writeCommand(["SECOND"]) }
        async let third = redis.connection.ask(["THIRD"], "asking", within: .seconds(10))
        try await redis.hears("SECOND")
        try await redis.hears("THIRD")
        try await redis.say("+OK\r\n\(Self.id.dropLast())")
        #expect(try await first.text == "OK")
        try await redis.say("\r\n:1\r\n")
        #expect(try await third.integer == 1)
        try await redis.stop()
    }

    @Test func aCallThatIsInAHurryIsNotHeldBack() async throws {
        let settled = Watched<[UInt64]>([])
        let redis = try await ScriptedRedis.start(
            RedisConnection.Owner(settle: { id, _ in settled.update { $0.append(id) } }))
        redis.connection.send(.call(7, .stored)) { bytes, _ in bytes.writeCommand(["STORE"]) }
        redis.connection.send(.call(8, .sent(isIdle: false))) { bytes, _ in bytes.writeCommand(["SEND"]) }
        try await redis.hears("SEND")
        try await redis.say(Self.id)
        try await settled.eventually(within: .seconds(10), "what was stored") { $0 == [7] }
        try await redis.say(Self.id)
        #expect(try await redis.unanswered() == 0)
        try await redis.stop()
    }

    /// Whoever sent it is told at once.
    @Test func anErrorWakes() async throws {
        let failed = Watched<[UInt64]>([])
        let redis = try await ScriptedRedis.start(
            RedisConnection.Owner(settle: { id, reply in
                if case .failure(let error) = reply, error.message.contains("OOM") { failed.update { $0.append(id) } }
            }))
        for number in 1...3 as ClosedRange<UInt64> {
            redis.connection.send(.call(number, .sent(isIdle: true))) { bytes, _ in
                bytes.writeCommand(["SEND\(number)"])
            }
        }
        try await redis.hears("SEND3")
        try await redis.say("\(Self.id)-OOM command not allowed when used memory > 'maxmemory'.\r\n\(Self.id)")
        try await failed.eventually(within: .seconds(10), "the error") { $0 == [2] }
        #expect(try await redis.unanswered() == 0)
        try await redis.stop()
    }

    /// A kernel keeps a few of them, not all there are.
    @Test func manyAreRead() async throws {
        let redis = try await ScriptedRedis.start()
        for number in 1...100 { redis.connection.send(["COMMAND\(number)"]) }
        try await redis.hears("COMMAND100")
        try await redis.say(String(repeating: ":1\r\n", count: 80))
        #expect(try await redis.unanswered() == 100)
        try await redis.say(String(repeating: ":1\r\n", count: 20))
        #expect(try await redis.unanswered() == 0)
        try await redis.stop()
    }

    /// What is held back is no sign that Redis is gone.
    @Test func theyAreReadWhenTheConnectionIsLookedAt() async throws {
        let redis = try await ScriptedRedis.start { $0.pingInterval = .milliseconds(100) }
        redis.connection.send(["FIRST"])
        try await redis.hears("FIRST")
        try await redis.say(":1\r\n")
        try await redis.hears("PING")
        #expect(try await redis.unanswered() == 1)
        try await redis.say("+PONG\r\n")
        #expect(try await redis.unanswered() == 0)
        try await redis.stop()
    }

    @Test func aConnectionThatClosesGentlyReadsThem() async throws {
        let redis = try await ScriptedRedis.start()
        redis.connection.send(["FIRST"])
        try await redis.hears("FIRST")
        try await redis.say(":1\r\n")
        #expect(try await redis.unanswered() == 1)
        redis.connection.closeGently(TransportError(.closed, "enough"), within: .seconds(600))
        let reason = try await within(.seconds(10), "its end") { try await redis.connection.whenGone.get() }
        #expect(reason.message == "enough")
        try await redis.stop()
    }
}
