import NIOCore
import NIOEmbedded
import Testing

@testable import NestMessaging

@Suite("Deliveries") struct DeliveryIntakeTests {
    private let broker = FakeDeliveryBroker()
    private let trouble = TransportError(.internal, "bad")

    @Test("are settled once, whatever is said about them afterwards")
    func once() {
        let one = broker.deliver(1)
        #expect(broker.begin() == 1 && broker.begin() == nil)
        broker.end(.done, one)
        broker.end(.done, one)
        broker.end(.retry(after: .zero, trouble), one)
        #expect(broker.heard() == ["ack 1"])
        #expect(broker.isQuiet)
    }

    @Test("that come again while they are here are ignored; afterwards they are new")
    func duplicates() {
        let one = broker.deliver(1)
        broker.deliver(1)
        #expect(broker.begin() == 1 && broker.begin() == nil)
        broker.deliver(1)
        #expect(broker.begin() == nil)
        broker.end(.done, one)
        let again = broker.deliver(1)
        #expect(broker.begin() == 1)
        broker.end(.done, one)
        #expect(broker.heard() == ["ack 1"])
        broker.end(.done, again)
        #expect(broker.heard() == ["ack 1"])
    }

    @Test("of a key wait for each other, and for what rests")
    func lanes() {
        let first = broker.deliver(1, key: "k")
        broker.deliver(2, key: "k")
        broker.deliver(3)
        #expect(broker.begin() == 1 && broker.begin() == 3 && broker.begin() == nil)
        broker.end(.retry(after: .seconds(2), trouble), first)
        #expect(broker.begin() == nil && broker.heard() == [])
        broker.clock.advanceTime(by: .seconds(2))
        let again = broker.beginMessage()
        #expect(again?.pattern == "m1" && again?.attempt == 2)
        broker.end(.done, first)
        #expect(broker.begin() == 2 && broker.heard() == ["ack 1"])
    }

    @Test("without a key go back to the broker for their next try")
    func handedBack() {
        let one = broker.deliver(1)
        _ = broker.begin()
        broker.end(.retry(after: .seconds(2), trouble), one)
        #expect(broker.heard() == ["retry 1 after 2.0 seconds"] && broker.isQuiet)
    }

    @Test("rest here when the broker cannot delay")
    func refused() {
        broker.retries = .refused
        let one = broker.deliver(1)
        _ = broker.begin()
        broker.end(.retry(after: .seconds(2), trouble), one)
        broker.clock.advanceTime(by: .seconds(1))
        #expect(broker.begin() == nil && !broker.isQuiet)
        broker.clock.advanceTime(by: .seconds(1))
        #expect(broker.begin() == 1)
    }

    @Test("that are sent elsewhere for their next try are acknowledged when they are there")
    func sent() {
        broker.retries = .sent
        let (one, two) = (broker.deliver(1), broker.deliver(2))
        _ = (broker.begin(), broker.begin())
        broker.end(.retry(after: .seconds(2), trouble), one)
        broker.end(.retry(after: .seconds(2), trouble), two)
        _ = broker.heard()
        broker.confirm(broker.tickets[0], .success(.null))
        broker.confirm(broker.tickets[0], .success(.null))
        #expect(broker.heard() == ["ack 1"])
        // Not there: it rests here instead.
        broker.confirm(broker.tickets[1], .failure(trouble))
        broker.clock.advanceTime(by: .seconds(2))
        #expect(broker.begin() == 2 && broker.heard() == [])
    }

    @Test("may be tried as often as the policy allows, and are dead letters then")
    func exhausted() {
        broker.deliver(1, attempt: 3)
        #expect(broker.begin() == 1)
        broker.deliver(2, attempt: 4)
        #expect(broker.begin() == nil)
        #expect(
            broker.heard() == ["store 2 max_attempts no try came to an end: a handler may have ended its process"])
        broker.deliver(3, attempt: 4, kind: .send)
        #expect(broker.heard().first == "reply m3")
    }

    @Test("without dead letters are let go of when their tries are used up")
    func noDeadLetters() {
        let broker = FakeDeliveryBroker(policy: DeliveryPolicy(maxAttempts: 1, deadLetter: .disabled))
        broker.deliver(1, attempt: 2)
        #expect(broker.heard() == ["ack 1"] && broker.isQuiet)
    }

    @Test("that cannot be read are dead letters, and hold nobody up")
    func unreadable() {
        let first = broker.deliver(1, key: "k")
        _ = broker.begin()
        broker.deliver(3, key: "k")
        broker.take(.emit("m2"), FakeDelivery(2, key: "k"), fault: "no JSON")
        #expect(broker.heard() == ["store 2 invalid_message invalid request: no JSON"])
        broker.confirm(broker.tickets[0], .success(.null))
        // The key is still held by the first.
        #expect(broker.heard() == ["buried 2"] && broker.begin() == nil)
        broker.end(.done, first)
        #expect(broker.begin() == 3)
    }

    @Test("that are requests are answered before they are acknowledged")
    func requests() {
        let (one, two) = (broker.deliver(1, kind: .send), broker.deliver(2, kind: .send))
        _ = (broker.begin(), broker.begin())
        broker.end(.reply(.success(.null)), one)
        #expect(broker.heard() == ["reply m1", "ack 1"])
        broker.end(.replyAndDeadLetter(.failure(trouble), DeadLetter(.unexpectedFailure, trouble)), two)
        #expect(broker.heard() == ["reply m2", "store 2 unexpected_failure bad"])
        broker.confirm(broker.tickets[0], .success(.null))
        #expect(broker.heard() == ["buried 2"])
    }
}
