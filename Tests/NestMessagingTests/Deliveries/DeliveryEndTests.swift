import NIOCore
import NIOEmbedded
import Testing

@testable import NestMessaging

@Suite("Deliveries at the end") struct DeliveryEndTests {
    private let trouble = TransportError(.internal, "bad")

    /// One is handled, one rests, one is on its way elsewhere, one waits behind the first.
    private func prepared(_ broker: FakeDeliveryBroker) -> FakeDelivery {
        let one = broker.deliver(1, key: "k")
        let (two, three) = (broker.deliver(2, key: "l"), broker.deliver(3))
        broker.deliver(4, key: "k")
        while broker.begin() != nil {}
        broker.end(.retry(after: .seconds(60), trouble), two)
        broker.end(.deadLetter(DeadLetter(.maxAttempts, trouble)), three)
        _ = broker.heard()
        return one
    }

    @Test("what has not begun goes back when the server drains; the rest goes on")
    func draining() {
        let broker = FakeDeliveryBroker()
        let one = prepared(broker)
        broker.state.phase = .draining
        broker.handBackWaiting()
        #expect(broker.heard().sorted() == ["back 2", "back 4"])
        broker.deliver(5)
        #expect(broker.heard() == ["back 5"])
        broker.end(.done, one)
        broker.confirm(broker.tickets[0], .success(.null))
        #expect(broker.heard() == ["ack 1", "buried 3"] && broker.isQuiet)
        broker.clock.advanceTime(by: .seconds(60))
        #expect(broker.heard() == [] && broker.begin() == nil)
    }

    @Test("everything goes back when it closes, and nothing is said about it afterwards")
    func closing() {
        let broker = FakeDeliveryBroker()
        let one = prepared(broker)
        broker.close(trouble) { broker.handBackAll() }
        #expect(broker.heard().sorted() == ["back 1", "back 2", "back 3", "back 4"])
        broker.end(.done, one)
        broker.confirm(broker.tickets[0], .success(.null))
        broker.clock.advanceTime(by: .seconds(60))
        #expect(broker.heard() == [] && broker.isQuiet)
    }

    @Test("a failure while it drains goes back at once, even with a key")
    func failureWhileDraining() {
        let broker = FakeDeliveryBroker()
        broker.retries = .refused
        let one = broker.deliver(1, key: "k")
        _ = broker.begin()
        broker.state.phase = .draining
        broker.end(.retry(after: .seconds(2), trouble), one)
        #expect(broker.heard() == ["retry 1 after 2.0 seconds", "back 1"] && broker.isQuiet)
    }

    @Test("what was withdrawn is forgotten; what is being handled is answered and holds its key")
    func withdrawn() {
        let broker = FakeDeliveryBroker()
        let one = prepared(broker)
        let request = broker.deliver(6, kind: .send)
        #expect(broker.begin() == 6)
        broker.withdraw { $0.id < 10 }
        // The same messages, delivered over the next connection.
        broker.deliver(11, key: "k")
        broker.deliver(12, key: "l")
        #expect(broker.begin() == 12 && broker.begin() == nil)
        broker.end(.done, one)
        broker.end(.reply(.success(.null)), request)
        #expect(broker.heard() == ["reply m6"] && broker.begin() == 11)
        broker.clock.advanceTime(by: .seconds(60))
        #expect(broker.begin() == nil && broker.heard() == [])
    }

    @Test("only what is concerned is withdrawn")
    func partlyWithdrawn() {
        let broker = FakeDeliveryBroker()
        for id in 1...4 { broker.deliver(id, key: "k") }
        broker.withdraw { $0.id == 1 || $0.id == 3 }
        #expect(broker.begin() == 2 && broker.begin() == nil && broker.deliveries.waitingCount == 1)
    }

    @Test("what is under way is reported, whatever it waits for")
    func keepAlive() {
        let broker = FakeDeliveryBroker(keepAlive: .seconds(10))
        let one = prepared(broker)
        broker.beginKeepAlive()
        broker.clock.advanceTime(by: .seconds(10))
        // The dead letter was not confirmed in time and is sent again.
        #expect(broker.heard().last == "alive [1, 2, 3, 4]")
        broker.end(.done, one)
        broker.clock.advanceTime(by: .seconds(10))
        #expect(broker.heard().last == "alive [2, 3, 4]")
        broker.handBackAll()
        _ = broker.heard()
        broker.clock.advanceTime(by: .seconds(60))
        #expect(broker.heard() == [])
    }

    @Test("the broker is asked for as many as can begin, and as may be held")
    func room() {
        let broker = FakeDeliveryBroker(maxInFlight: 4, maxHeld: 6)
        #expect(broker.room == 4)
        broker.deliver(1)
        #expect(broker.room == 3)
        _ = broker.begin()
        #expect(broker.room == 4)
        for id in 2...5 {
            let delivery = broker.deliver(id, key: "\(id)")
            _ = broker.begin()
            broker.end(.retry(after: .seconds(60), trouble), delivery)
        }
        #expect(broker.room == 1)
        broker.state.phase = .draining
        #expect(broker.room == 0)
    }
}
