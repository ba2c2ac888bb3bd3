import NIOCore
import NestTesting
import Testing

@testable import NestMessaging

@Suite struct MessageDispatcherTests {
    /// More would be moved by a call of a function, several times for each message.
    @Test func aMessageAndItsContextAreSmallEnoughToBeMovedInPlace() {
        #expect(MemoryLayout<MessageContext>.size <= 128)
    }

    @Test func requestsGoToTheMostSpecificHandler() async throws {
        try await withDispatcher([Desk.self], providers: [.value(DeskLog())]) { (dispatcher: MessageDispatcher) async in
            let expected = [
                "desk.exact": #""exact""#, "desk.other": #"["other"]"#, "desk.a.b": #"["a.b"]"#,
                #"{"a":2,"cmd":"x"}"#: "7",
            ]
            for (pattern, reply) in expected {
                #expect(await dispatcher.dispatch(.send(pattern)).line == "reply \(reply)")
            }
        }
    }

    @Test func handlersThatCannotSuspendRunWithoutATask() async throws {
        try await withDispatcher([Desk.self], providers: [.value(DeskLog())]) { (dispatcher: MessageDispatcher) async in
            #expect(dispatcher.dispatchInline(.send("desk.exact"))?.line == #"reply "exact""#)
            #expect(dispatcher.dispatchInline(.send("desk.async")) == nil)
            #expect(dispatcher.dispatchInline(.send("desk.blocking")) == nil)
            #expect(await dispatcher.dispatch(.send("desk.blocking")).line == "reply true")
            #expect(dispatcher.dispatchInline(.send("nobody"))?.line.hasPrefix("fail no_handler") == true)
            #expect(
                dispatcher.dispatchInline(.send("desk.typed", "[]"))?.line.hasPrefix(
                    "fail invalid_message: invalid payload for `desk.typed`: ") == true)
        }
    }

    @Test func aPingIsAnsweredPastEverything() async throws {
        let (log, lines) = (DeskLog(), Watched<[String]>([]))
        var options = MicroserviceOptions()
        options.logger = .recorded(lines)
        try await withDispatcher(
            [CatchAll.self], providers: [.value(log)], options: options,
            settings: { try $0.useGlobalGuards(Named("g", log)) }
        ) { (dispatcher: MessageDispatcher) async in
            #expect(dispatcher.dispatchInline(.send("nest.ping"))?.line == "reply null")
            #expect(await dispatcher.dispatch(.send("nest.ping")).line == "reply null")
            #expect(log.lines.value == [])
            #expect(await dispatcher.dispatch(.send("nest.pin")).line == #"reply "nest.pin""#)
            #expect(await dispatcher.dispatch(.emit("nest.ping")).line == "done")
        }
        #expect(lines.value.filter { $0.contains("no handler for pattern") }.count == 1)
    }

    @Test func aHandlerOfExactlyThatNameAnswersPings() async throws {
        try await withDispatcher([Ponger.self]) { (dispatcher: MessageDispatcher) async in
            #expect(dispatcher.dispatchInline(.send("nest.ping"))?.line == #"reply "pong""#)
        }
    }

    @Test func withAGuardAroundItNothingRunsWithoutATask() async throws {
        let log = DeskLog()
        try await withDispatcher(
            [Desk.self], providers: [.value(log)], settings: { try $0.useGlobalGuards(Named("g", log)) }
        ) { (dispatcher: MessageDispatcher) async in
            #expect(dispatcher.dispatchInline(.send("desk.exact")) == nil)
            #expect(await dispatcher.dispatch(.send("desk.exact")).line == #"reply "exact""#)
        }
        #expect(log.lines.value == ["g guard"])
    }

    @Test func expiredWorkIsNotBegun() async throws {
        let log = DeskLog()
        try await withDispatcher([Desk.self], providers: [.value(log)]) { (dispatcher: MessageDispatcher) async in
            for pattern in ["desk.note", "desk.noteLater"] {
                var message = IncomingMessage.send(pattern)
                message.deadline = .now() - .milliseconds(1)
                let outcome = dispatcher.dispatchInline(message)
                if let outcome { #expect(outcome.line.hasPrefix("fail timeout")) }
                #expect(await dispatcher.dispatch(message).line.hasPrefix("fail timeout"))
            }
        }
        #expect(log.lines.value == [])
    }

    @Test func anEventGoesToEveryHandlerEvenWhenOneFails() async throws {
        let log = DeskLog()
        let guarantees: Guarantees = [.events, .retries, .deadLetters]
        try await withDispatcher([Desk.self], providers: [.value(log)], guarantees: guarantees) {
            (dispatcher: MessageDispatcher) async in
            #expect(await dispatcher.dispatch(.emit("told.x")).line == "done")
            #expect(log.lines.value == ["first", "second", "star x"])
            log.lines.update { $0 = [] }
            #expect(await dispatcher.dispatch(.emit("told.bad")).line.hasPrefix("retry"))
            #expect(log.lines.value == ["star bad"])
            #expect(await dispatcher.dispatch(.emit("nobody.there")).line == "dead no_handler")
        }
    }

    @Test func aDeliveryIsForTheGroupOrForEveryone() async throws {
        let log = DeskLog()
        let guarantees: Guarantees = [.events, .broadcast]
        try await withDispatcher([Desk.self, Loudspeaker.self], providers: [.value(log)], guarantees: guarantees) {
            (dispatcher: MessageDispatcher) async in
            var message = IncomingMessage.emit("told.y")
            message.audience = .everyone
            #expect(await dispatcher.dispatch(message).line == "done")
            #expect(log.lines.value == ["loud"])
            message.audience = .group
            #expect(await dispatcher.dispatch(message).line == "done")
            #expect(log.lines.value == ["loud", "star y"])
            message.audience = .all
            #expect(await dispatcher.dispatch(message).line == "done")
            #expect(log.lines.value.count == 4)
        }
    }

    @Test func thePipelinesOrder() async throws {
        let log = DeskLog()
        let settings: (Microservice) throws -> Void = { app in
            try app.useGlobalMiddleware(Named("m", log))
            try app.useGlobalGuards(Named("global", log))
            try app.useGlobalInterceptors(Named("global", log))
            try app.useGlobalPipes(Named("global", log))
            try app.useGlobalFilters(Named("global", log))
        }
        try await withDispatcher([Guarded.self], providers: [.value(log)], settings: settings) {
            (dispatcher: MessageDispatcher) async in
            #expect(await dispatcher.dispatch(.send("guarded.ok", "1")).line == "reply 3")
            #expect(
                log.lines.value == [
                    "m before", "global guard", "controller guard", "handler guard", "global before",
                    "controller before", "handler before", "global bytes", "controller bytes", "handler bytes",
                    "global value", "controller value", "handler value", "handler after", "controller after",
                    "global after", "m after",
                ])
            log.lines.update { $0 = [] }
            #expect(
                await dispatcher.dispatch(.send("guarded.fails", "1")).line == "fail filtered_by_controller: Surprise")
            #expect(
                log.lines.value.filter { $0.hasSuffix("filter") } == [
                    "handler filter", "controller filter", "global filter",
                ])
        }
    }

    @Test func aGuardThatSaysNo() async throws {
        let log = DeskLog()
        try await withDispatcher([Guarded.self], providers: [.value(log)]) { (dispatcher: MessageDispatcher) async in
            let outcome = await dispatcher.dispatch(.send("guarded.ok", "0"))
            #expect(outcome.line == "fail forbidden: Forbidden resource")
            #expect(!log.lines.value.contains { $0.hasSuffix("before") })
        }
    }

    @Test func interceptorsMayAnswerThemselves() async throws {
        let log = DeskLog()
        try await withDispatcher([Guarded.self], providers: [.value(log)]) { (dispatcher: MessageDispatcher) async in
            #expect(await dispatcher.dispatch(.send("guarded.cached", "1")).line == #"reply "cached""#)
        }
    }

    @Test func validation() async throws {
        try await withDispatcher([Guarded.self], providers: [.value(DeskLog())]) {
            (dispatcher: MessageDispatcher) async in
            #expect(await dispatcher.dispatch(.send("guarded.valid", #"{"age":7}"#)).line == "reply 7")
            #expect(
                await dispatcher.dispatch(.send("guarded.valid", #"{"age":-7}"#)).line
                    == "fail rejected: age must not be negative")
        }
    }

    @Test func callsInsideAHandlerInheritItsDeadline() async throws {
        try await withDispatcher([Desk.self], providers: [.value(DeskLog())]) { (dispatcher: MessageDispatcher) async in
            let deadline = NIODeadline.now() + .seconds(60)
            var message = IncomingMessage.send("desk.inherited")
            #expect(await dispatcher.dispatch(message).line == "reply 0")
            message.deadline = deadline
            #expect(await dispatcher.dispatch(message).line == "reply \(deadline.uptimeNanoseconds)")
            message.streamCredit = 4
            #expect(await dispatcher.dispatch(message).line == "reply 0")
        }
    }

    @Test func streamsAreCollectedUpToABound() async throws {
        try await withDispatcher([Desk.self], providers: [.value(DeskLog())]) { (dispatcher: MessageDispatcher) async in
            func collected(_ count: String) async -> String {
                let message = IncomingMessage.send("desk.numbers", count)
                guard case .stream(let stream) = await dispatcher.dispatch(message) else { return "no stream" }
                return await dispatcher.collect(stream, for: message).line
            }
            #expect(await collected("0") == "reply []")
            #expect(await collected("3") == "reply [1,2,3]")
            #expect(await collected("10001").hasPrefix("fail too_large"))
        }
    }

    @Test func requestScopedControllersAreMadeForEachMessage() async throws {
        let log = DeskLog()
        try await withDispatcher([PerMessage.self], providers: [.value(log)]) { (dispatcher: MessageDispatcher) async in
            #expect(dispatcher.dispatchInline(.send("mine")) == nil)
            for number in 1...3 { #expect(await dispatcher.dispatch(.send("mine")).line == "reply \(number)") }
        }
    }

    @Test func twoHandlersForOneRequestAreRefused() async throws {
        let error = await #expect(throws: WiringError.self) {
            try await withDispatcher([Desk.self, Twin.self], providers: [.value(DeskLog())]) { _ in }
        }
        #expect(error.map { "\($0)" }?.contains("desk.exact") == true)
    }
}
