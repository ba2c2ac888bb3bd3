import NIOCore
import NIOPosix
import NestTesting
import Synchronization
import Testing

@testable import NestMessaging

/// A connection that leads nowhere and ends when the test says so.
final class FakeBrokerConnection: BrokerConnection {
    private struct State {
        var error: TransportError?
        var callbacks: [@Sendable (TransportError) -> Void] = []
    }

    private let state = Mutex(State())
    let isClosed = Watched(false)
    let summary = "nowhere"

    func whenEnded(_ body: @escaping @Sendable (TransportError) -> Void) {
        let error = state.withLock { state in
            if state.error == nil { state.callbacks.append(body) }
            return state.error
        }
        if let error { body(error) }
    }

    func cut(_ error: TransportError) {
        let callbacks = state.withLock { state in
            state.error = error
            defer { state.callbacks = [] }
            return state.callbacks
        }
        for body in callbacks { body(error) }
    }

    func close() async {
        isClosed.update { $0 = true }
        cut(TransportError(.closed, "closed"))
    }
}

@Suite("A broker's link") struct BrokerLinkTests {
    private let cut = TransportError(.disconnected, "cut")
    private let attempts = Watched(0)
    private let isUp = Watched(true)
    private let losses = Watched(0)
    private let lines = Watched<[String]>([])

    private func link(
        maxBufferedBytes: Int = 100,
        prepare: @escaping @Sendable (FakeBrokerConnection) async throws(TransportError) -> Void = { _ in },
        lost: @escaping @Sendable () -> Void = {}
    ) -> BrokerLink<FakeBrokerConnection> {
        let settings = BrokerLinkSettings(
            transport: "fake", broker: "Fake", reconnectDelay: .milliseconds(5), maxReconnectDelay: .milliseconds(20),
            maxPending: 10, maxBufferedBytes: maxBufferedBytes)
        let environment = TransportEnvironment(
            logger: .recorded(lines), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let owner = BrokerLink<FakeBrokerConnection>.Owner(prepare: prepare) { [losses] _ in
            losses.increment()
            lost()
        }
        return BrokerLink(settings, environment: environment, owner: owner) {
            [attempts, isUp] () throws(TransportError) in
            attempts.increment()
            guard isUp.value else { throw TransportError(.disconnected, "nobody is there") }
            return FakeBrokerConnection()
        }
    }

    private var soon: NIODeadline { .now() + .seconds(10) }

    @Test("connects once for all who ask, and again after a cut")
    func again() async throws {
        let link = link()
        #expect(link.isIdle && link.connection == nil)
        let soon = soon
        async let one = link.connectionNow(until: soon)
        async let two = link.connectionEventually(until: soon, bytes: 1)
        let (first, second) = try await (one, two)
        #expect(first === second && attempts.value == 1)
        isUp.update { $0 = false }
        first.cut(cut)
        #expect(losses.value == 1 && link.failure != nil)
        isUp.update { $0 = true }
        let third = try await link.connectionEventually(until: soon, bytes: 1)
        #expect(third !== first && link.connection === third && link.failure == nil && link.waitingCount == 0)
        await link.close(TransportError(.closed, "over"))
        #expect(third.isClosed.value && link.connection == nil)
    }

    @Test("tells requests at once that it is down; events wait within a bound")
    func down() async throws {
        let link = link()
        let first = try await link.connectionNow(until: soon)
        isUp.update { $0 = false }
        first.cut(cut)
        await #expect(throws: TransportError.self) { _ = try await link.connectionNow(until: .distantFuture) }
        let soon = soon
        async let patient = link.connectionEventually(until: soon, bytes: 60)
        try await attempts.eventually("it tries again") { $0 >= 4 }
        let refusal = await failure { _ = try await link.connectionEventually(until: soon, bytes: 60) }
        #expect(refusal?.code == .overloaded)
        let late = await failure { _ = try await link.connectionEventually(until: .now(), bytes: 1) }
        #expect(late?.code == .disconnected)
        isUp.update { $0 = true }
        let second = try await patient
        #expect(link.connection === second)
        #expect(lines.value.filter { $0.contains("no connection, trying again") }.count == 1)
        await link.close(TransportError(.closed, "over"))
    }

    @Test("gives up a connection that cannot be prepared")
    func unprepared() async throws {
        let made = Watched<[FakeBrokerConnection]>([])
        let refusal = TransportError(.forbidden, "not for you")
        let link = link { connection throws(TransportError) in
            made.append(connection)
            throw refusal
        }
        let error = await failure { try await link.connect(until: soon) }
        #expect(error?.code == .forbidden && link.connection == nil)
        let isClosed = made.value.allSatisfy { $0.isClosed.value }
        #expect(isClosed && losses.value == 0)
        await link.close(TransportError(.closed, "over"))
    }

    @Test("has another connection take over from one that is served badly, once")
    func replaced() async throws {
        let link = link()
        let first = try await link.connectionNow(until: soon)
        link.replace(first)
        link.replace(first)
        try await first.isClosed.eventually("the old one goes") { $0 }
        let second = try #require(link.connection)
        #expect(second !== first && attempts.value == 2 && losses.value == 0)
        // It is not the one any more.
        link.replace(first)
        // Nobody is there: the old one goes on, and it is tried again.
        isUp.update { $0 = false }
        link.replace(second)
        try await attempts.eventually("it tries again") { $0 >= 4 }
        #expect(link.connection === second && !second.isClosed.value)
        isUp.update { $0 = true }
        try await second.isClosed.eventually("it takes over at last") { $0 }
        #expect(link.connection !== second && losses.value == 0)
        await link.close(TransportError(.closed, "over"))
    }

    @Test("lets go of a connection that was replaced by one that is gone already")
    func replacedInVain() async throws {
        // The next attempt has its turn while the loss is told.
        let timers = MultiThreadedEventLoopGroup.singleton.next()
        let link = link {
            [attempts, cut] in
            if attempts.value == 2 { $0.cut(cut) }
        } lost: {
            _ = try? timers.scheduleTask(in: .milliseconds(50)) {}.futureResult.wait()
        }
        let first = try await link.connectionNow(until: soon)
        link.replace(first)
        try await first.isClosed.eventually("the old one goes") { $0 }
        #expect(losses.value == 1)
        try await attempts.eventually("it tries again") { $0 == 3 }
        let third = try await link.connectionEventually(until: soon, bytes: 1)
        #expect(third !== first && attempts.value == 3)
        await link.close(TransportError(.closed, "over"))
    }

    @Test("ends with everybody who waits, and makes nothing any more")
    func closed() async throws {
        isUp.update { $0 = false }
        let link = link()
        let soon = soon
        async let patient = failure { _ = try await link.connectionEventually(until: soon, bytes: 1) }
        try await attempts.eventually("it tries") { $0 >= 2 }
        await link.close(TransportError(.closed, "over"))
        let error = await patient
        #expect(error?.code == .closed)
        isUp.update { $0 = true }
        let late = await failure { try await link.connect(until: soon) }
        #expect(late?.code == .closed && link.connection == nil)
    }

    private func failure(_ body: () async throws -> Void) async -> TransportError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? TransportError
        }
    }
}
