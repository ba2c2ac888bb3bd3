import NestMessaging
import NestTesting
import Testing

@Suite struct ClientHealthTests {
    private func check(_ client: Flaky) async throws -> HealthStatus {
        try await ClientHealth("orders", proxy(client)).check()
    }

    private func proxy(_ client: Flaky) -> ClientProxy {
        ClientProxy(name: "ORDERS", transport: client, guarantees: [], system: "flaky")
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

    @Test func itIsCalledAsItsClientUnlessSaid() {
        let proxy = proxy(Flaky(.up()))
        #expect(ClientHealth(proxy).name == "ORDERS" && ClientHealth("orders", proxy).name == "orders")
    }
}

/// A client in a state that the test chooses.
private final class Flaky: TransportClient {
    let connects = Watched(0)
    private let status: Watched<HealthStatus>
    private let next: HealthStatus
    private let failure: TransportError?

    init(_ status: HealthStatus, then next: HealthStatus? = nil, failing failure: TransportError? = nil) {
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

    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload { throw unused }
    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream { throw unused }
    func emit(_ message: OutgoingMessage) async throws(TransportError) { throw unused }
    func close() async {}

    private let unused = TransportError(.unsupported, "not a part of these tests")
}
