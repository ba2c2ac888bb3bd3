import NIOCore
import NIOPosix
import Testing

@testable import NestMemory
@testable import NestMessaging

/// The bus's rules without servers, tasks or time.
@Suite struct MemoryBusStateTests {
    private func event(_ pattern: String = "nobody", key: String? = nil) -> MemoryDelivery {
        MemoryDelivery(
            message: IncomingMessage(kind: .emit, pattern: pattern, payload: .null), key: key, call: nil)
    }

    @Test func anEventWithoutListenersIsKept() throws {
        var state = MemoryBusState(MemoryOptions())
        try state.publish(event())
        #expect(state.deadLetters.kept.map(\.reason) == [.noHandler] && state.effects.isEmpty)
    }

    @Test func aRequestWithoutServicesIsRefused() {
        var state = MemoryBusState(MemoryOptions())
        let request = MemoryDelivery(
            message: IncomingMessage(kind: .send, pattern: "p", payload: .null), key: nil, call: nil)
        let refusal = Result { try state.publish(request) }
        #expect(throws: TransportError(.noResponders, "no service listens on the bus")) { try refusal.get() }
    }

    @Test func anUnknownInstanceGetsNothing() async {
        let delivery = await withUnsafeContinuation { (puller: UnsafeContinuation<MemoryDelivery?, Never>) in
            var state = MemoryBusState(MemoryOptions())
            state.pull(7, puller)
            for effect in state.effects { effect.perform() }
        }
        #expect(delivery == nil)
    }

    @Test func whatARemovedInstanceFinishesIsNobodysBusiness() {
        var state = MemoryBusState(MemoryOptions())
        let isWanted = state.finish(event(), by: 7, .settled)
        #expect(!isWanted)
        state.stop(7)
        state.remove(7)
        state.retry(event())
        #expect(state.effects.isEmpty && state.deadLetters.kept.isEmpty)
    }
}
