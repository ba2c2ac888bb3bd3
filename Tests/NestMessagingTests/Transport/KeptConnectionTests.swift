import NIOCore
import NIOEmbedded
import NestMessaging
import Testing

@Suite("A kept connection") struct KeptConnectionTests {
    private final class Wire: Sendable {}

    private let loop = EmbeddedEventLoop()
    private let cut = TransportError(.closed, "over")

    private func kept() -> KeptConnection<Wire> {
        KeptConnection(delay: .milliseconds(100), maxDelay: .seconds(1))
    }

    private func again(_ delay: Duration) -> Scheduled<Void> { loop.scheduleTask(in: TimeAmount(delay)) {} }

    @Test("those who ask during an attempt are told of its end, once")
    func waiters() {
        var kept = kept()
        #expect(kept.isIdle)
        guard case .attempt(let time) = kept.ask(for: 1) else { return #expect(Bool(false), "no attempt") }
        #expect(time <= .now())
        guard case .wait = kept.ask(for: 2), case .wait = kept.ask(for: nil) else {
            return #expect(Bool(false), "a second attempt")
        }
        let arrival = kept.arrived(Wire())
        #expect(arrival?.waiters == [1, 2] && arrival?.isAgain == false)
        guard case .settled(.success) = kept.ask(for: 3) else { return #expect(Bool(false), "not up") }
    }

    @Test("an outage is reported once, and nobody connects faster than the backoff allows")
    func outage() {
        var kept = kept()
        _ = kept.ask(for: 1)
        let first = kept.failed(schedule: again)
        #expect(first?.waiters == [1] && first?.reported != nil)
        guard case .attempt(let time) = kept.ask(for: 2) else { return #expect(Bool(false), "no attempt") }
        #expect(time > .now() + .milliseconds(20))
        let second = kept.failed(schedule: again)
        #expect(second?.waiters == [2] && second?.reported == nil)
        #expect(kept.failed(schedule: again) == nil)
    }

    @Test("only the connection that is up can be lost; one that worked begins a new outage")
    func lost() {
        var kept = kept()
        let (old, new) = (Wire(), Wire())
        _ = kept.ask(for: nil)
        _ = kept.arrived(old)
        #expect(kept.lost(new, worked: true, schedule: again) == nil)
        #expect(kept.lost(old, worked: true, schedule: again)?.reported != nil)
        _ = kept.ask(for: nil)
        let arrival = kept.arrived(new)
        #expect(arrival?.isAgain == true && kept.connection === new)
        #expect(kept.lost(new, worked: false, schedule: again)?.reported == nil)
    }

    @Test("what comes after the end is not wanted")
    func closed() {
        var kept = kept()
        _ = kept.ask(for: 1)
        #expect(kept.close(cut) == nil && kept.closed == cut)
        #expect(kept.arrived(Wire()) == nil)
        #expect(kept.failed(schedule: again) == nil)
        guard case .settled(.failure(cut)) = kept.ask(for: 2) else { return #expect(Bool(false), "not closed") }
        var up = self.kept()
        let wire = Wire()
        _ = up.ask(for: nil)
        _ = up.arrived(wire)
        #expect(up.close(cut) === wire)
        #expect(up.lost(wire, worked: true, schedule: again) == nil)
    }
}
