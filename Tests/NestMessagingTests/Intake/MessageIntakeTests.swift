import NIOCore
import NestTesting
import Synchronization
import Testing

@testable import NestMessaging

@Suite("An intake") struct MessageIntakeTests {
    private let gates = WaiterGates()

    private func withIntake(
        maxInFlight: Int = 4, maxWaiting: Int = 2, _ body: (FakeIntake) async throws -> Void
    ) async throws {
        try await withDispatcher([Waiter.self], providers: [.value(gates)]) { dispatcher in
            let limits = IntakeLimits(maxInFlight: maxInFlight, maxWaiting: maxWaiting, maxWaitingBytes: 1_000)
            let intake = try FakeIntake(dispatcher, limits: limits)
            try await body(intake)
            gates.gate.open()
            await intake.finishHandlers(within: .seconds(10))
            #expect(intake.state.inFlight == 0 && intake.state.suspended.isEmpty && intake.state.streams.isEmpty)
        }
    }

    private func ok(_ pattern: String, _ number: Int) -> String { #"\#(pattern) {"ok":true,"payload":\#(number)}"# }

    @Test("answers in order what needs no task, and what does not suspend")
    func order() async throws {
        try await withIntake { intake in
            await intake.receive([.send("now", "1"), .send("soon", "2"), .send("soon", "3"), .send("now", "4")])
            #expect(intake.lines.value == [ok("now", 1), ok("soon", 2), ok("soon", 3), ok("now", 4)])
        }
    }

    @Test("goes past a handler that waits")
    func passing() async throws {
        try await withIntake { intake in
            await intake.receive([.send("late", "1"), .send("soon", "2"), .send("now", "3")])
            #expect(intake.lines.value == [ok("soon", 2), ok("now", 3)])
            #expect(intake.state.inFlightCount.load(ordering: .relaxed) == 1)
            gates.gate.open()
            try await intake.lines.eventually("it is answered") { $0.last == ok("late", 1) }
        }
    }

    @Test("holds what there is no place for, within its bound")
    func bound() async throws {
        try await withIntake(maxInFlight: 2) { intake in
            await intake.receive((1...5).map { .send("late", "\($0)") } + [.emit("told", "6")])
            #expect(gates.begun.value == [1, 2] && intake.state.waitingCount.load(ordering: .relaxed) == 2)
            let lines = intake.lines.value
            #expect(lines.count == 2 && lines[0].contains("overloaded") && lines[1] == "dropped told")
            gates.gate.open()
            try await intake.lines.eventually("four are answered") { $0.count == 6 }
            #expect(gates.begun.value.sorted() == [1, 2, 3, 4])
        }
    }

    @Test("sends a stream as its reader grants credit")
    func stream() async throws {
        try await withIntake { intake in
            await intake.receive([.stream("count", "3", credit: 2)])
            try await intake.lines.eventually("two items came") { $0.count == 2 }
            #expect(intake.lines.value[0] == #"count [1] {"ok":true,"payload":0,"more":true}"#)
            await intake.loop.run { intake.tell(.credit(1), 1) }
            try await intake.lines.eventually("the end came") { $0.count == 4 }
            #expect(intake.lines.value[3] == #"count [1] {"ok":true}"#)
        }
    }

    @Test("a reader that gives up ends its stream")
    func cancelled() async throws {
        try await withIntake { intake in
            await intake.receive([.stream("count", "3", credit: 1)])
            try await intake.lines.eventually("an item came") { $0.count == 1 }
            await intake.loop.run { intake.tell(.cancel, 1) }
            await intake.finishHandlers(within: .seconds(10))
            let isEmpty = await intake.loop.run { intake.state.streams.isEmpty }
            #expect(isEmpty || intake.lines.value.count == 1)
        }
    }

    @Test("cancels handlers that take too long, and sends what they say to it")
    func cancelling() async throws {
        try await withIntake { intake in
            await intake.receive([.send("late", "1")])
            await intake.finishHandlers(within: .milliseconds(20))
            #expect(intake.lines.value.count == 1 && intake.state.suspended.isEmpty)
        }
    }

    @Test("tells callers at the end; what their handlers say later is nobody's business")
    func closing() async throws {
        try await withIntake(maxInFlight: 1) { intake in
            await intake.receive([.send("late", "1"), .send("late", "2")])
            await intake.loop.run {
                intake.close(TransportError(.disconnected, "gone")) { intake.lines.append("last") }
            }
            let lines = intake.lines.value
            #expect(lines.count == 3 && lines[0].contains("gone") && lines[1].contains("gone") && lines[2] == "last")
            gates.gate.open()
            await intake.finishHandlers(within: .seconds(10))
            #expect(intake.lines.value.count == 3)
        }
    }

    @Test("answers that found no connection wait within a bound, as long as their callers do")
    func unsent() {
        var unsent = UnsentReplies(limit: 10)
        var late = IncomingMessage.send("late")
        late.deadline = .now() - .seconds(1)
        unsent.keep(ByteBuffer(string: "1234"), for: .send("a"))
        unsent.keep(ByteBuffer(string: "1234"), for: late)
        unsent.keep(ByteBuffer(string: "1234"), for: .send("b"))
        #expect(unsent.takeAll().map { $0.message.pattern } == ["a"])
        unsent.keep(ByteBuffer(string: "1234"), for: .send("c"))
        #expect(unsent.takeAll().map { $0.message.pattern } == ["c"])
    }
}

extension IncomingMessage {
    /// A request for a stream, from a caller who can be reached.
    fileprivate static func stream(_ pattern: String, _ payload: String, credit: Int) -> IncomingMessage {
        var message = send(pattern, payload)
        message.streamCredit = credit
        message.replyRange = message.patternRange
        return message
    }
}
