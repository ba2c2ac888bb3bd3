import NIOCore
import NIOEmbedded
import Testing

@testable import NestMessaging

@Suite("A dead letter") struct DeadLetterStoringTests {
    private let broker = FakeDeliveryBroker()
    private let letter = DeadLetter(.maxAttempts, TransportError(.internal, "what the handler said"))
    private let line = "store 1 max_attempts what the handler said"

    private func bury(_ key: String? = nil) -> FakeDelivery {
        let one = broker.deliver(1, key: key)
        _ = broker.begin()
        broker.end(.deadLetter(letter), one)
        return one
    }

    @Test("is settled once it is stored, and not before")
    func twoSteps() {
        _ = bury()
        #expect(broker.heard() == [line] && !broker.isQuiet)
        broker.confirm(broker.tickets[0], .success(.null))
        #expect(broker.heard() == ["buried 1"] && broker.isQuiet)
    }

    @Test("that is refused is sent again as it was, without running the handler")
    func refused() {
        _ = bury()
        broker.confirm(broker.tickets[0], .failure(TransportError(.rejected, "full")))
        #expect(broker.heard() == [line] && broker.begin() == nil)
        broker.clock.advanceTime(by: .milliseconds(500))
        #expect(broker.heard() == [line])
        // What is said about the first time has no meaning any more.
        broker.confirm(broker.tickets[0], .success(.null))
        #expect(broker.heard() == [])
        broker.confirm(broker.tickets[1], .success(.null))
        #expect(broker.heard() == ["buried 1"])
    }

    @Test("that nobody confirms is sent again")
    func unconfirmed() {
        _ = bury()
        broker.clock.advanceTime(by: .seconds(5))
        broker.clock.advanceTime(by: .milliseconds(500))
        #expect(broker.heard() == [line, line])
    }

    @Test("waits for a connection, and holds its key meanwhile")
    func down() {
        broker.isUp = false
        _ = bury("k")
        broker.deliver(2, key: "k")
        for _ in 0..<20 { broker.clock.advanceTime(by: .seconds(5)) }
        // At once, after 0.5, 1.5, 3.5 and 7.5 seconds, and every 5 seconds from then on.
        let tries = broker.heard().count
        #expect(tries == 23 && broker.begin() == nil)
        broker.isUp = true
        broker.clock.advanceTime(by: .seconds(5))
        broker.confirm(broker.tickets.last ?? 0, .success(.null))
        #expect(broker.heard() == [line, "buried 1"] && broker.begin() == 2)
    }

    @Test("never speaks of more tries than the policy allows, and a delivery that goes back keeps its count")
    func attempts() {
        let (one, two) = (broker.deliver(1, attempt: 2), broker.deliver(2, attempt: 3))
        _ = (broker.begin(), broker.begin())
        broker.end(.deadLetter(letter), one)
        broker.end(.deadLetter(letter), two)
        // Their last tries came to no end.
        broker.deliver(3, attempt: 4)
        broker.deliver(4, attempt: 9)
        #expect(broker.storedAttempts == [2, 3, 3, 3])
        #expect(broker.deliveries.open[3]?.message.attempt == 4)
    }

    @Test("that cannot be stored while the server ends goes back")
    func draining() {
        _ = bury()
        broker.state.phase = .draining
        broker.confirm(broker.tickets[0], .failure(TransportError(.rejected, "full")))
        #expect(broker.heard() == [line, "back 1"] && broker.isQuiet)
    }
}
