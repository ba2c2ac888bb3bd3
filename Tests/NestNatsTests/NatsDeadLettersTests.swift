import NestNats
import NestTesting
import Testing

/// Dead letters as an operator meets them: many, of events and of requests.
@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct NatsDeadLettersTests {
    private struct FailingController: Controller {
        let probe: ServiceProbe

        static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

        static func make(from resolver: Resolver) async throws -> FailingController {
            FailingController(probe: try await resolver.resolve())
        }

        static var handlers: [Handler<FailingController>] {
            [
                .event("kept.fails") { (controller, text: String, _) throws in
                    controller.probe.log.append(text)
                    guard controller.probe.isMended.value else { throw ServiceCrash() }
                },
                .event("kept.named") { (controller, _: NoPayload, context) throws in
                    controller.probe.log.append(context.headers["nest-message-id"] ?? "none")
                    guard controller.probe.isMended.value else { throw ServiceCrash() }
                },
            ]
        }
    }

    private struct Scene {
        let options: NatsOptions
        let service: NatsService
        let client: ClientProxy
        let letters: any DeadLetters

        func close() async {
            await client.close()
            await service.stop()
        }
    }

    private func scene() async throws -> Scene {
        var options = NatsOptions.test(try await Brokers.shared.broker("jetstream", jetStream: true).url)
        options.jetStream = JetStreamOptions(stream: options.prefix, subjects: ["kept.>"])
        let service = try await NatsService.start(
            options, controllers: [ServiceController.self, FailingController.self]
        ) {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 1, backoff: .constant(.milliseconds(10)))
        }
        return Scene(
            options: options, service: service, client: try ClientProxy.nats(options),
            letters: try NatsDeadLetters(options, group: "test"))
    }

    private func eventually(_ count: Int, _ letters: any DeadLetters) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while try await letters.count() != count {
            guard ContinuousClock.now < end else {
                return #expect(try await letters.count() == count)
            }
            await Task.yield()
        }
    }

    @Test func pagesAndAllAtOnce() async throws {
        let scene = try await scene()
        let letters = scene.letters
        #expect(try await letters.list().letters.isEmpty)
        #expect(try await letters.count() == 0)
        for number in 0..<25 { try await scene.client.emit("kept.fails", "\(number)") }
        try await eventually(25, letters)
        var seen: [String] = []
        var sizes: [Int] = []
        var cursor: String?
        repeat {
            let page = try await letters.list(after: cursor, limit: 10)
            seen += page.letters.map { $0.payload?.description ?? "" }
            sizes.append(page.letters.count)
            cursor = page.next
        } while cursor != nil
        #expect(sizes == [10, 10, 5])
        #expect(Set(seen) == Set((0..<25).map { "\"\($0)\"" }))
        let first = try #require(try await letters.list(after: nil, limit: 1).letters.first)
        #expect(first.reason == "max_attempts")
        #expect(first.attempts == 1)
        #expect(first.kind == .emit)

        // They fail again: each is replayed once, and is a new letter.
        let before = scene.service.probe.log.value.count
        let again = try await letters.replayAll()
        #expect(again.succeeded == 25)
        #expect(again.failures.isEmpty)
        try await scene.service.probe.log.eventually("25 more tries") { $0.count == before + 25 }
        try await eventually(25, letters)
        #expect(try await letters.show(first.id) == nil)

        scene.service.probe.isMended.update { $0 = true }
        #expect(try await letters.replayAll(limit: 20).succeeded == 20)
        try await scene.service.probe.log.eventually("20 more") { $0.count == before + 45 }
        try await eventually(5, letters)
        #expect(try await letters.discardAll().succeeded == 5)
        #expect(try await letters.count() == 0)
        #expect(scene.service.probe.log.value.count == before + 45)
        await scene.close()
    }

    /// By its id a handler knows an event again: at the first try, and each time it is put back.
    @Test func replayedEventsKeepTheirID() async throws {
        let scene = try await scene()
        let log = scene.service.probe.log
        for _ in 0..<2 { try await scene.client.emit("kept.named", Payload.null) }
        try await eventually(2, scene.letters)
        let ids = Set(log.value)
        #expect(ids.count == 2 && !ids.contains("none"))
        #expect(try await scene.letters.replayAll().succeeded == 2)
        try await log.eventually("two more tries") { $0.count == 4 }
        try await eventually(2, scene.letters)
        scene.service.probe.isMended.update { $0 = true }
        #expect(try await scene.letters.replayAll().succeeded == 2)
        try await log.eventually("the last tries") { $0.count == 6 }
        #expect(ids.allSatisfy { id in log.value.filter { $0 == id }.count == 3 }, "\(log.value)")
        await scene.close()
    }

    /// A request that failed unexpectedly is kept, and answered when it is replayed.
    @Test func requests() async throws {
        let scene = try await scene()
        let letters = scene.letters
        await #expect(throws: TransportError.self) {
            try await scene.client.send("test.crash", "r", options: CallOptions(headers: ["tenant": "acme"]))
        }
        try await eventually(1, letters)
        let letter = try #require(try await letters.list().letters.first)
        #expect(letter.kind == .send)
        #expect(letter.pattern == "test.crash")
        #expect(letter.payload?.description == #""r""#)
        #expect(letter.reason == "unexpected_failure")
        #expect(letter.headers["tenant"] == "acme")

        // It fails once more: the letter stays, and so does what the service keeps of the new failure.
        do throws(TransportError) {
            try await letters.replay(letter.id)
            Issue.record("it succeeded")
        } catch {
            #expect(error.code == .internal)
        }
        #expect(try await letters.show(letter.id) != nil)

        scene.service.probe.isMended.update { $0 = true }
        let result = try await letters.replayAll()
        #expect(result.failures.isEmpty)
        #expect(try await letters.count() == 0)
        #expect(scene.service.probe.log.value.allSatisfy { $0 == "tried r" })
        #expect(scene.service.probe.log.value.count == 2 + result.succeeded)

        await scene.service.stop()
        await scene.client.close()
    }

    @Test func whatCannotBeDone() async throws {
        let scene = try await scene()
        await #expect(throws: TransportError.self) {
            try await scene.client.send("test.crash", "r")
        }
        try await eventually(1, scene.letters)
        let letter = try #require(try await scene.letters.list().letters.first)
        // A number of another group is nobody's here.
        let others = try NatsDeadLetters(scene.options, group: "others")
        #expect(try await others.list().letters.isEmpty)
        try await others.discard(letter.id)
        #expect(try await scene.letters.count() == 1)
        let result = try await scene.letters.replay(["99", "x", letter.id])
        #expect(result.failures.keys.sorted() == ["99", letter.id, "x"].sorted())
        #expect(result.failures["99"]?.code == "not_found")
        #expect(result.failures[letter.id]?.code == .internal)
        await scene.service.stop()
        do throws(TransportError) {
            try await scene.letters.replay(letter.id)
            Issue.record("nobody serves it")
        } catch {
            #expect(error.code == .noResponders)
        }
        await scene.client.close()
    }
}
