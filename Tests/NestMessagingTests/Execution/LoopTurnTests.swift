import NIOCore
import NIOPosix
import NestTesting
import Synchronization
import Testing

@testable import NestMessaging

/// What happens at the end of what a loop is at.
@Suite struct LoopTurnTests {
    private final class Writer: LoopTurn.Writer, Sendable {
        let log: Watched<[String]>

        init(_ log: Watched<[String]>) { self.log = log }

        func turnEnds() { log.update { $0.append("write") } }
    }

    /// Brings something to read while it writes: a connection that turns out to be gone.
    private final class Reader: LoopTurn.Writer, Sendable {
        let log: Watched<[String]>

        init(_ log: Watched<[String]>) { self.log = log }

        func turnEnds() {
            LoopTurn.run {
                log.update { $0.append("read") }
                #expect(LoopTurn.calls(Writer(log)))
            }
        }
    }

    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let log = Watched<[String]>([])

    private func note(_ what: String) { log.update { $0.append(what) } }

    /// A task on the loop that waits to be woken, and what wakes it.
    private func sleeper(_ body: @escaping @Sendable () async -> Void) async throws -> UnsafeContinuation<Void, Never> {
        let held = Watched<UnsafeContinuation<Void, Never>?>(nil)
        Task(executorPreference: LoopTaskExecutor(loop)) {
            await withUnsafeContinuation { continuation in held.update { $0 = continuation } }
            await body()
        }
        return try #require(try await held.eventually(within: .seconds(10), "a task that waits") { $0 != nil })
    }

    /// Runs a turn on the loop, and tells when it is over.
    private func turn(_ body: @escaping @Sendable () -> Void) async throws {
        try await loop.submit {
            LoopTurn.run(body)
            note("over")
        }.get()
    }

    @Test func tasksRunAndThenWhatTheyHaveWrittenLeaves() async throws {
        let writer = Writer(log)
        let sleeper = try await sleeper {
            note("task")
            #expect(LoopTurn.calls(writer))
        }
        try await turn {
            sleeper.resume()
            note("body")
        }
        #expect(log.value == ["body", "task", "write", "over"])
    }

    /// Or sockets would never have theirs.
    @Test func aTaskThatGoesOnForEverDoesNotKeepTheTurn() async throws {
        let isOver = Watched(false)
        let sleeper = try await sleeper {
            while !isOver.value { await Task.yield() }
            note("task")
        }
        try await turn { sleeper.resume() }
        isOver.update { $0 = true }
        try await log.eventually(within: .seconds(10), "the task's end") { $0 == ["over", "task"] }
    }

    @Test func aTurnWithinATurnIsAPartOfIt() async throws {
        let writer = Writer(log)
        try await turn {
            LoopTurn.run {
                #expect(LoopTurn.calls(writer))
                note("inner")
            }
            note("outer")
        }
        #expect(log.value == ["inner", "outer", "write", "over"])
    }

    @Test func whatWritingBringsIsAPartOfIt() async throws {
        let (writer, reader) = (Writer(log), Reader(log))
        try await turn {
            for next in [reader, writer] as [any LoopTurn.Writer] { #expect(LoopTurn.calls(next)) }
        }
        #expect(log.value == ["read", "write", "write", "over"])
    }

    @Test func outsideOfATurnNobodyIsCalled() async throws {
        let writer = Writer(log)
        try await turn { note("body") }
        try await loop.submit { #expect(!LoopTurn.calls(writer)) }.get()
        #expect(log.value == ["body", "over"])
    }
}
