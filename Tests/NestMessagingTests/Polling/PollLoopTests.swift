import NIOCore
import NestTesting
import Testing

@testable import NestMessaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite("A poll loop") struct PollLoopTests {
    /// A pipe that is read when something is in it. Touched on the loop only, but for `bytes`.
    private final class Source: PolledSource, @unchecked Sendable {
        let bytes = BytePipe()
        let read = Watched<[UInt8]>([])
        let turns = Watched(0)
        var deadline: NIODeadline?

        var interest: pollfd { pollfd(fd: bytes.reader, events: Int16(POLLIN), revents: 0) }

        func found(_ events: Int16) {
            guard events & Int16(POLLIN) != 0, let byte = bytes.take() else { return }
            read.append(byte)
        }

        func turn() {
            turns.increment()
            if let due = deadline, due <= .now() { deadline = nil }
        }
    }

    @Test("tells a source what has come, and runs tasks between")
    func found() async throws {
        let (loop, source) = (try PollLoop(), Source())
        await loop.run { loop.add(source) }
        source.bytes.put(7)
        try await source.read.eventually("a byte is read") { $0 == [7] }
        let isOnLoop = await Task(executorPreference: loop) { loop.isCurrent }.value
        #expect(isOnLoop && !loop.isCurrent)
        await loop.run { loop.remove(source) }
    }

    @Test("wakes for a deadline, and sleeps without one")
    func deadline() async throws {
        let (loop, source) = (try PollLoop(), Source())
        let begin = NIODeadline.now()
        await loop.run {
            source.deadline = begin + .milliseconds(30)
            loop.add(source)
        }
        let turns = source.turns
        // The turn in which it was added, and the one it was woken for.
        try await turns.eventually("it is woken") { $0 >= 2 }
        let isOver = await loop.run { source.deadline == nil }
        #expect(isOver && .now() >= begin + .milliseconds(30))
        let before = await loop.run { turns.value }
        source.bytes.put(1)
        try await source.read.eventually("a byte is read") { $0 == [1] }
        let after = await loop.run { turns.value }
        #expect(after - before <= 4)
        await loop.run { loop.remove(source) }
    }

    /// Asks for another turn in its first three.
    private final class Asker: PolledSource, @unchecked Sendable {
        let loop: PollLoop
        let turns = Watched(0)
        var interest: pollfd { pollfd(fd: -1, events: 0, revents: 0) }

        init(_ loop: PollLoop) { self.loop = loop }

        func found(_ events: Int16) {}

        func turn() {
            turns.increment()
            if turns.value <= 3 { loop.wake() }
        }
    }

    @Test("does not sleep before everybody has had the turn that somebody asked for in his own")
    func anotherTurn() async throws {
        let loop = try PollLoop()
        let (first, asker) = (Source(), Asker(loop))
        await loop.run {
            loop.add(first)
            loop.add(asker)
        }
        try await first.turns.eventually("the first has its turn again") { $0 >= 4 }
        await loop.run {
            loop.remove(first)
            loop.remove(asker)
        }
    }

    @Test("gives its sources a turn again and again while many jobs wait, and runs these in order")
    func turnsBetweenJobs() async throws {
        let (loop, source) = (try PollLoop(), Source())
        let turns = source.turns
        let (ran, seen) = (Watched<[Int]>([]), Watched<[Int]>([]))
        await loop.run { loop.add(source) }
        // All of them are there before the first one runs: who makes them runs on the loop too.
        await Task(executorPreference: loop) {
            await withDiscardingTaskGroup { group in
                for number in 0..<300 {
                    group.addTask {
                        ran.append(number)
                        seen.append(turns.value)
                    }
                }
            }
        }.value
        #expect(ran.value == Array(0..<300))
        // Four times at least, as no turn runs more than 64.
        #expect((seen.value.last ?? 0) - (seen.value.first ?? 0) >= 4, "\(seen.value)")
        await loop.run { loop.remove(source) }
    }

    #if os(Linux)
        @Test("a thread that waits for its wakers, or starts others that do, is of the kind that pushes nobody off")
        func waitingForWakers() async throws {
            let kinds = try await DedicatedThread.blocking { () throws(TransportError) -> [CInt] in
                let first = DedicatedThread.startingWaiters { sched_getscheduler(0) }
                let between = sched_getscheduler(0)
                DedicatedThread.waitForWakers()
                return [first, between, sched_getscheduler(0)]
            }
            // SCHED_OTHER and SCHED_BATCH.
            #expect(kinds == [3, 0, 3])
        }
    #endif

    @Test("runs what is put in after its thread has ended, in order")
    func again() async throws {
        let loop = try PollLoop()
        var sum = 0
        for number in 1...100 { sum += await loop.run { loop.isCurrent ? number : 0 } }
        #expect(sum == 5_050)
    }

    @Test("goes when nobody holds it")
    func lifetime() async throws {
        let gone = Watched(false)
        final class Note: Sendable {
            let gone: Watched<Bool>
            init(_ gone: Watched<Bool>) { self.gone = gone }
            deinit { gone.update { $0 = true } }
        }
        do {
            let (loop, note) = (try PollLoop(), Note(gone))
            await loop.run { withExtendedLifetime(note) {} }
        }
        try await gone.eventually("what was run is let go of") { $0 }
    }

    @Test("blocking calls hold no thread of the pool")
    func blocking() async throws {
        let gates = (0..<64).map { _ in BytePipe() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for gate in gates { group.addTask { try await DedicatedThread.blocking { _ = gate.take() } } }
            for gate in gates { gate.put(1) }
            try await group.waitForAll()
        }
        await #expect(throws: TransportError.self) {
            try await DedicatedThread.blocking { () throws(TransportError) -> Void in
                throw TransportError(.timeout, "late")
            }
        }
    }
}
