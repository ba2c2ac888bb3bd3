import NIOCore
import NIOEmbedded
import NIOPosix
import NestTesting
import Testing

@testable import NestMessaging

@Suite struct PendingRepliesTests {
    private let payload = Payload.null
    private let failure = TransportError("failed", "failed")

    private func table(limit: Int = 100) -> PendingReplies {
        PendingReplies(eventLoop: MultiThreadedEventLoopGroup.singleton.next(), limit: limit)
    }

    private func outcome(
        _ pending: PendingReplies, _ ticket: PendingReplies.Ticket, publish: () -> Void = {}
    ) async -> PendingReplies.Reply {
        do throws(TransportError) {
            return .success(try await pending.reply(to: ticket, publish: publish))
        } catch {
            return .failure(error)
        }
    }

    @Test func failsThoseOfATag() async throws {
        let pending = table()
        let first = try pending.register(deadline: .distantFuture, tag: 7)
        let second = try pending.register(deadline: .distantFuture, tag: 8)
        let early = try pending.register(deadline: .distantFuture, tag: 7)
        let reply = await outcome(pending, first) { pending.failAll(tagged: 7, failure) }
        #expect(throws: TransportError.self) { try reply.get() }
        let kept = await outcome(pending, early)
        #expect(throws: TransportError.self) { try kept.get() }
        let other = await outcome(pending, second) { #expect(pending.settle(second.id, .success(payload))) }
        #expect(throws: Never.self) { try other.get() }
        // A slot that is taken again has the tag of its new call.
        let next = try pending.register(deadline: .distantFuture)
        let last = await outcome(pending, next) {
            pending.failAll(tagged: 7, failure)
            #expect(pending.settle(next.id, .success(payload)))
        }
        #expect(throws: Never.self) { try last.get() }
    }

    @Test func aReplyWhilePublishing() async throws {
        let pending = table()
        let ticket = try pending.register(deadline: .distantFuture)
        let reply = await outcome(pending, ticket) { #expect(pending.settle(ticket.id, .success(payload))) }
        #expect(reply == .success(payload))
        #expect(pending.count == 0 && !pending.settle(ticket.id, .success(payload)))
    }

    @Test func aReplyBeforeTheWait() async throws {
        let pending = table()
        let ticket = try pending.register(deadline: .distantFuture)
        #expect(pending.settle(ticket.id, .success(payload)))
        #expect(!pending.settle(ticket.id, .failure(failure)))
        let reply = await outcome(pending, ticket) { Issue.record("published although it was settled") }
        #expect(reply == .success(payload) && pending.count == 0)
    }

    @Test func aCancellationBeforeTheWait() async throws {
        let pending = table()
        let ticket = try pending.register(deadline: .distantFuture)
        let call = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await outcome(pending, ticket) { Issue.record("published although it was cancelled") }
        }
        guard case .failure(let error) = await call.value else {
            Issue.record("a reply from nowhere")
            return
        }
        #expect(error.code == .cancelled && pending.count == 0)
    }

    @Test func aCancellationWhileWaiting() async throws {
        let pending = table()
        let ticket = try pending.register(deadline: .distantFuture)
        let published = Gate()
        let call = Task { await outcome(pending, ticket) { published.open() } }
        try await published.pass()
        call.cancel()
        guard case .failure(let error) = await call.value else {
            Issue.record("a reply from nowhere")
            return
        }
        #expect(error.code == .cancelled && pending.count == 0)
    }

    @Test func failingAllReachesThoseWhoWaitAndThoseWhoWill() async throws {
        let pending = table()
        let early = try pending.register(deadline: .distantFuture)
        let waiting = try pending.register(deadline: .distantFuture)
        let published = Gate()
        let call = Task { await outcome(pending, waiting) { published.open() } }
        try await published.pass()
        pending.failAll(failure)
        #expect(await call.value == .failure(failure))
        #expect(await outcome(pending, early) == .failure(failure))
        #expect(pending.count == 0)
        let next = try pending.register(deadline: .distantFuture)
        #expect(await outcome(pending, next) { pending.settle(next.id, .success(payload)) } == .success(payload))
    }

    @Test func closingRefusesLaterCalls() throws {
        let pending = table()
        pending.failAll(failure, closing: true)
        #expect(throws: failure) { try pending.register(deadline: .distantFuture) }
        #expect(throws: failure) { try pending.register(ReplyStreamSource(window: 1)) }
    }

    @Test func theLimit() throws {
        let pending = table(limit: 2)
        let first = try pending.register(deadline: .distantFuture)
        _ = try pending.register(deadline: .distantFuture)
        let error = #expect(throws: TransportError.self) { try pending.register(deadline: .distantFuture) }
        #expect(error?.code == .overloaded)
        pending.forget(first)
        _ = try pending.register(deadline: .distantFuture)
        #expect(pending.count == 2)
    }

    /// A slot is used again under another id; the old id finds nobody.
    @Test func generations() async throws {
        let pending = table()
        var seen: Set<UInt64> = []
        for _ in 0..<50 {
            let ticket = try pending.register(deadline: .distantFuture)
            #expect(seen.insert(ticket.id).inserted)
            for old in seen where old != ticket.id { #expect(!pending.settle(old, .failure(failure))) }
            #expect(
                await outcome(pending, ticket) { pending.settle(ticket.id, .success(payload)) } == .success(payload))
        }
        #expect(!pending.settle(0, .success(payload)) && !pending.settle(.max, .success(payload)))
    }

    /// An id comes again only for those who ask, and only after a reply.
    @Test func idsThatRepeat() async throws {
        let pending = table()
        let first = try pending.register(deadline: .distantFuture, repeats: true)
        #expect(await outcome(pending, first) { pending.settle(first.id, .success(payload)) } == .success(payload))
        #expect(!pending.settle(first.id, .success(payload)), "nobody waits")
        // It came before anybody waited.
        let second = try pending.register(deadline: .distantFuture, repeats: true)
        #expect(second.id == first.id)
        pending.settle(second.id, .success(payload))
        #expect(await outcome(pending, second) == .success(payload))
        let third = try pending.register(deadline: .distantFuture, repeats: true)
        #expect(third.id == first.id)
        pending.forget(third)
        var seen: Set<UInt64> = [first.id]
        let ends: [(PendingReplies.Ticket) -> Void] = [
            { pending.settle($0.id, .failure(failure)) }, { _ in pending.failAll(failure) },
            {
                pending.failAll(tagged: 5, failure); pending.settle($0.id, .success(payload))
            },
        ]
        for end in ends {
            let ticket = try pending.register(deadline: .distantFuture, tag: 5, repeats: true)
            #expect(seen.insert(ticket.id).inserted, "the one before had no reply")
            #expect(await outcome(pending, ticket) { end(ticket) } == .failure(failure))
        }
        let last = try pending.register(deadline: .distantFuture, repeats: true)
        #expect(await outcome(pending, last) { pending.settle(last.id, .success(payload)) } == .success(payload))
        let other = try pending.register(deadline: .distantFuture)
        #expect(other.id != last.id, "it did not ask for it")
        #expect(!pending.settle(last.id, .success(payload)))
        #expect(await outcome(pending, other) { pending.settle(other.id, .success(payload)) } == .success(payload))
        #expect(try pending.register(deadline: .distantFuture, repeats: true).id != other.id)
    }

    /// A connection that is gone may have taken replies along that come over another one.
    @Test func idsDoNotOutliveTheConnection() async throws {
        let pending = table()
        let first = try pending.register(deadline: .distantFuture, repeats: true)
        #expect(await outcome(pending, first) { pending.settle(first.id, .success(payload)) } == .success(payload))
        pending.failAll(failure)
        #expect(try pending.register(deadline: .distantFuture, repeats: true).id != first.id)
    }

    @Test func noCallHasTheIDOfMalformedLines() throws {
        let pending = table()
        for _ in 0..<3 { #expect(try pending.register(deadline: .distantFuture).id != 0) }
    }

    @Test func deadlines() async throws {
        let loop = NIOAsyncTestingEventLoop()
        let pending = PendingReplies(eventLoop: loop, limit: 10)
        let ticket = try pending.register(deadline: .now() - .seconds(1))
        let later = try pending.register(deadline: .distantFuture)
        await loop.advanceTime(to: .now() + .seconds(1))
        guard case .failure(let error) = await outcome(pending, ticket) else {
            Issue.record("a reply from nowhere")
            return
        }
        #expect(error.code == .timeout && pending.count == 1)
        pending.forget(later)
        await loop.shutdownGracefully()
    }

    @Test func aDeadlineThatPassesWhileWaiting() async throws {
        let pending = table()
        let begin = ContinuousClock.now
        let ticket = try pending.register(deadline: .now() + .milliseconds(30))
        guard case .failure(let error) = await outcome(pending, ticket) else {
            Issue.record("a reply from nowhere")
            return
        }
        #expect(error.code == .timeout && ContinuousClock.now - begin >= .milliseconds(30) && pending.count == 0)
    }

    /// What was settled early and is fetched late must not make the timer fire again and again.
    @Test func aSettledCallSetsNoTimer() async throws {
        let loop = NIOAsyncTestingEventLoop()
        let pending = PendingReplies(eventLoop: loop, limit: 10)
        let ticket = try pending.register(deadline: .now() - .seconds(1))
        await loop.advanceTime(to: .now() + .seconds(1))
        await loop.advanceTime(to: .now() + .seconds(2))
        #expect(await outcome(pending, ticket) == .failure(TransportError(.timeout, "no reply came in time")))
        await loop.shutdownGracefully()
    }

    @Test func deadlinesOfManyCallsAreEachMet() async throws {
        let pending = table()
        try await withThrowingTaskGroup(of: Duration.self) { group in
            for number in 1...50 {
                group.addTask {
                    let begin = ContinuousClock.now
                    let ticket = try pending.register(deadline: .now() + .milliseconds(Int64(number * 4)))
                    guard case .failure = await outcome(pending, ticket) else { return .zero }
                    return ContinuousClock.now - begin - .milliseconds(number * 4)
                }
            }
            for try await late in group { #expect(late >= .zero) }
        }
        #expect(pending.count == 0)
    }

    /// Replies, cancellations, deadlines and lost connections at once: each call ends exactly once, nothing is left.
    @Test func tenThousandAtOnce() async throws {
        let pending = table(limit: 20_000)
        let ended = Watched(0)
        await withDiscardingTaskGroup { group in
            for number in 0..<10_000 {
                group.addTask { await oneOfMany(number, pending, ended) }
            }
            group.addTask { for _ in 0..<5 { pending.failAll(failure) } }
        }
        #expect(ended.value == 10_000 && pending.count == 0)
    }

    private func oneOfMany(_ number: Int, _ pending: PendingReplies, _ ended: Watched<Int>) async {
        guard let ticket = try? pending.register(deadline: .now() + .milliseconds(Int64(number % 5 == 0 ? 1 : 20_000)))
        else {
            return
        }
        let call = Task { _ = await outcome(pending, ticket) }
        switch number % 5 {
        case 0: break
        case 1: call.cancel()
        case 2: pending.settle(ticket.id, .failure(failure))
        default:
            pending.settle(ticket.id, .success(payload))
            call.cancel()
        }
        await call.value
        ended.increment()
    }
}
