import NestMessaging
import NestTesting
import Testing

@Suite struct ClientHealthTests {
    private func check(_ client: Flaky) async throws -> HealthStatus {
        try await ClientHealth("orders", proxy(client)).check()
    }

    private func proxy(_ client: Flaky, _ guarantees: Guarantees = []) -> ClientProxy {
        ClientProxy(name: "ORDERS", transport: client, guarantees: guarantees, system: "flaky")
    }

    @Test func aClientThatIsUpIsOnlyRead() async throws {
        let client = Flaky(.up(["connections": "2"]))
        #expect(try await check(client) == .up(["connections": "2"]))
        #expect(client.connects.value == 0)
    }

    @Test func aClientThatNobodyHasUsedIsToldToConnect() async throws {
        let client = Flaky(.degraded(), then: .up())
        #expect(try await check(client) == .up())
        #expect(client.connects.value == 1)
    }

    @Test func aClientThatCannotConnectIsDownAndSaysWhy() async throws {
        let client = Flaky(.degraded(["address": "a"]), failing: TransportError(.disconnected, "refused"))
        #expect(try await check(client) == .down(["address": "a", "error": "disconnected: refused"]))
    }

    @Test func whereConnectionsLeadToTheServiceItIsAsked() async throws {
        let client = Flaky(.up(["connections": "1"]), answering: .success(.null))
        #expect(try await ClientHealth(proxy(client, .direct)).check() == .up(["connections": "1"]))
        #expect(client.questions.value == ["nest.ping"])
    }

    @Test func anyAnswerWillDo() async throws {
        for code in [TransportError.Code.noHandler, .forbidden, .internal, .rejected, "its_own"] {
            let client = Flaky(.up(), answering: .failure(TransportError(code, "no")))
            #expect(try await ClientHealth(proxy(client, .direct)).check() == .up())
        }
    }

    @Test func aServiceThatDoesNotAnswerIsDown() async throws {
        for code in [TransportError.Code.timeout, .disconnected, .noResponders, .overloaded, .cancelled, .closed] {
            let client = Flaky(.up(["address": "a"]), answering: .failure(TransportError(code, "nothing")))
            let status = try await ClientHealth(proxy(client, .direct)).check()
            #expect(status == .down(["address": "a", "error": "\(code): nothing"]))
        }
    }

    @Test func behindABrokerOrUnlessWantedNothingIsAsked() async throws {
        let client = Flaky(.up(), answering: .failure(TransportError(.timeout, "nothing")))
        #expect(try await ClientHealth("orders", proxy(client)).check() == .up())
        #expect(try await ClientHealth("orders", proxy(client, .direct), probes: false).check() == .up())
        #expect(client.questions.value == [])
    }

    @Test func anApplicationMayAskItsOwnQuestionAnywhere() async throws {
        let client = Flaky(.up(), answering: .failure(TransportError(.noResponders, "nobody")))
        let status = try await ClientHealth("orders", proxy(client), asking: "orders.ready").check()
        #expect(status == .down(["error": "no_responders: nobody"]))
        #expect(client.questions.value == ["orders.ready"])
    }

    @Test func itIsCalledAsItsClientUnlessSaid() {
        let proxy = proxy(Flaky(.up()))
        #expect(ClientHealth(proxy).name == "ORDERS" && ClientHealth("orders", proxy).name == "orders")
    }
}

/// A client in a state that the test chooses.
private final class Flaky: TransportClient {
    let connects = Watched(0)
    let questions = Watched<[String]>([])
    private let status: Watched<HealthStatus>
    private let next: HealthStatus
    private let failure: TransportError?
    private let answer: Result<Payload, TransportError>

    init(
        _ status: HealthStatus, then next: HealthStatus? = nil, failing failure: TransportError? = nil,
        answering answer: Result<Payload, TransportError> = .failure(Flaky.unused)
    ) {
        self.answer = answer
        self.status = Watched(status)
        self.next = next ?? status
        self.failure = failure
    }

    func connect() async throws(TransportError) {
        connects.increment()
        if let failure { throw failure }
        status.update { $0 = next }
    }

    func health() async -> HealthStatus { status.value }

    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        questions.append(message.pattern.name)
        return try answer.get()
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream { throw Self.unused }
    func emit(_ message: OutgoingMessage) async throws(TransportError) { throw Self.unused }
    func close() async {}

    private static let unused = TransportError(.unsupported, "not a part of these tests")
}
