import NIOCore
import NestTesting
import Testing

@testable import NestRedis

/// The connections of a session that another one has taken over from.
@Suite struct RedisRetirementTests {
    /// A command that has left may have been done: to send it over the other session would be to do it twice.
    @Test func whatHasLeftIsAnsweredThoughAReaderIsGone() async throws {
        let settled = Watched<[PendingReplies.Reply]>([])
        let commands = try await ScriptedRedis.start(
            RedisConnection.Owner(settle: { _, reply in settled.update { $0.append(reply) } }))
        let reader = try await ScriptedRedis.start()
        let session = RedisSession(
            commands: commands.connection, subscriber: nil, ear: nil,
            readers: [RedisSession.Reader(connection: reader.connection, number: nil)], clock: RedisClock())
        commands.connection.send(.call(7, .stored)) { bytes, _ in bytes.writeCommand(["STORE"]) }
        try await commands.hears("STORE")
        let leave = Task { await session.retire(within: .seconds(10)) }
        _ = try await within(.seconds(10), "the reader's end") { try await reader.connection.whenGone.get() }
        try await commands.hears("PING")
        #expect(try await commands.unanswered() == 2)
        #expect(settled.value.isEmpty)
        try await commands.say("$15\r\n1764480000000-0\r\n+PONG\r\n")
        await leave.value
        #expect(settled.value == [.success(.null)])
        try await commands.stop()
        try await reader.stop()
    }
}
