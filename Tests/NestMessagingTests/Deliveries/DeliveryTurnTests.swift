import NIOCore
import NIOEmbedded
import NestTesting
import Testing

@testable import NestMessaging

/// Handlers of every kind that there is for a delivery whose turn it is.
private struct Turns: Controller {
    static func make(from resolver: Resolver) -> Turns { Turns() }

    static var handlers: [Handler<Turns>] {
        [
            .event("quick") { (_, _: NoPayload, _) in },
            .event("slow") { (_, _: NoPayload, _) async in },
            .event("bad") { (_, _: NoPayload, _) in throw TransportError(.internal, "bad") },
            .event("lost") { (_, _: NoPayload, _) in throw TransportError(.invalidMessage, "lost") },
            .message("ask") { (_, _: NoPayload, _) in 1 },
        ]
    }
}

@Suite("A delivery that has its turn") struct DeliveryTurnTests {
    private func withBroker(maxInFlight: Int = 10, _ body: (FakeDeliveryBroker) -> Void) async throws {
        try await withDispatcher([Turns.self], guarantees: [.events, .retries, .deadLetters]) { dispatcher in
            body(FakeDeliveryBroker(maxInFlight: maxInFlight, dispatcher: dispatcher))
        }
    }

    @Test("is handled at once, and nothing is kept in mind of it")
    func atOnce() async throws {
        try await withBroker { broker in
            broker.arrive(1, "quick", key: "k")
            broker.arrive(2, "quick", key: "k")
            broker.arrive(3, "ask", kind: .send)
            #expect(broker.heard() == ["ack 1", "ack 2", "answer ask", "ack 3"])
            #expect(broker.isQuiet && broker.begin() == nil)
        }
    }

    @Test("waits for one of its key that is being handled, and no other does")
    func behindItsKey() async throws {
        try await withBroker { broker in
            let first = broker.deliver(1, key: "k")
            #expect(broker.begin() == 1)
            broker.arrive(2, "quick", key: "k")
            #expect(broker.heard() == [])
            broker.end(.done, first)
            #expect(broker.begin() == 2 && broker.heard() == ["ack 1"])
        }
    }

    @Test("is ignored when it comes again while it is being handled")
    func again() async throws {
        try await withBroker { broker in
            let first = broker.deliver(1)
            #expect(broker.begin() == 1)
            broker.arrive(1, "quick")
            #expect(broker.heard() == [] && broker.begin() == nil)
            broker.end(.done, first)
            broker.arrive(1, "quick")
            #expect(broker.heard() == ["ack 1", "ack 1"])
        }
    }

    @Test("overtakes nobody who waits already")
    func behindOthers() async throws {
        try await withBroker { broker in
            broker.deliver(1, key: "k")
            broker.arrive(2, "quick")
            #expect(broker.heard() == [] && broker.begin() == 1 && broker.begin() == 2)
            broker.arrive(3, "quick", key: "other")
            #expect(broker.heard() == ["ack 3"])
        }
    }

    @Test("holds its key while it rests, when its handler has failed")
    func failed() async throws {
        try await withBroker { broker in
            broker.arrive(1, "bad", key: "k")
            broker.arrive(2, "quick", key: "k")
            broker.arrive(3, "quick", key: "other")
            #expect(broker.heard() == [] && broker.begin() == 3 && broker.begin() == nil)
            for _ in 0..<1_000 where broker.said.isEmpty { broker.clock.advanceTime(by: .milliseconds(100)) }
            #expect(broker.heard() == ["store 1 max_attempts bad"])
            broker.confirm(broker.tickets[0], .success(.null))
            #expect(broker.heard() == ["buried 1", "ack 2"])
        }
    }

    @Test("goes to the dead letters, and those of its key go on when it is there")
    func lost() async throws {
        try await withBroker { broker in
            broker.arrive(1, "lost", key: "k")
            broker.arrive(2, "quick", key: "k")
            #expect(broker.heard() == ["store 1 invalid_message lost"])
            broker.confirm(broker.tickets[0], .success(.null))
            #expect(broker.heard() == ["buried 1", "ack 2"] && broker.isQuiet)
        }
    }

    @Test("waits for a task when its handler may suspend, and for a place when there is none")
    func later() async throws {
        try await withBroker { broker in
            broker.arrive(1, "slow", key: "k")
            broker.arrive(2, "quick", key: "k")
            #expect(broker.heard() == [] && broker.begin() == 1 && broker.begin() == nil)
        }
        try await withBroker(maxInFlight: 0) { broker in
            broker.arrive(1, "quick")
            #expect(broker.heard() == [] && broker.begin() == 1)
        }
    }

    @Test("is given back while the server ends, and kept aside after its last try")
    func notHandled() async throws {
        try await withBroker { broker in
            broker.arrive(1, "quick", attempt: 4)
            broker.state.phase = .draining
            broker.arrive(2, "quick")
            #expect(
                broker.heard() == [
                    "store 1 max_attempts no try came to an end: a handler may have ended its process", "back 2",
                ])
        }
    }
}

extension FakeDeliveryBroker {
    /// A delivery comes that may be handled while it comes.
    fileprivate func arrive(
        _ id: Int, _ pattern: String, key: String? = nil, attempt: Int = 1, kind: MessageKind = .emit
    ) {
        var message = kind == .emit ? IncomingMessage.emit(pattern) : .send(pattern)
        message.attempt = attempt
        takeNow(message, FakeDelivery(id, key: key))
    }
}
