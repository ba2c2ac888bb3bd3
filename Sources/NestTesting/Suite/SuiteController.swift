/// The service the suite calls: its handlers do what a case tells them to, and tell the case what they saw.
struct SuiteController: Controller {
    let probe: SuiteProbe

    static var dependencies: [Dependency] { [Dependency(SuiteProbe.self)] }

    static func make(from resolver: Resolver) async throws -> SuiteController {
        SuiteController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<SuiteController>] {
        requests + failures + waiting + patterns + streams + events
    }

    private static var requests: [Handler<SuiteController>] {
        [
            .message("suite.echo") { (_, payload: Payload, _) in payload },
            .message("suite.typed") { (_, item: SuiteItem, _) in item },
            .message("suite.sum") { (_, numbers: [Double], _) async in numbers.reduce(0, +) },
            .message("suite.lines") { (_, _: NoPayload, _) async throws in try Payload(json: SuiteLines.json) },
            .message("suite.null") { (_, _: NoPayload, _) in },
            .message("suite.whoami") { (suite, _: NoPayload, _) in suite.probe.instance },
            .message("suite.headers") { (_, _: NoPayload, context) in
                Dictionary(context.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
            },
            .message("suite.note") { (suite, note: String, _) in suite.probe.log.append(note) },
        ]
    }

    private static var failures: [Handler<SuiteController>] {
        [
            .message("suite.fail") { (_, _: NoPayload, _) throws -> Bool in
                throw TransportError("not_found", "not found", details: ["code": 404])
            },
            .message("suite.failLater") { (_, _: NoPayload, _) async throws -> Bool in
                throw TransportError("card_declined", "no money: \"0 €\"\n")
            },
            .message("suite.failLines") { (_, _: NoPayload, _) async throws -> Bool in
                throw TransportError("not_found", "not found", details: try Payload(json: SuiteLines.json))
            },
            .message("suite.crash") { (_, _: NoPayload, _) throws -> Bool in throw SuiteCrash() },
        ]
    }

    private static var waiting: [Handler<SuiteController>] {
        [
            .message("suite.hold") { (suite, name: String, _) async throws -> String in
                try await suite.probe.counted {
                    suite.probe.log.append("began \(name)")
                    try await suite.probe.gate.pass()
                    suite.probe.log.append("ended \(name)")
                    return name
                }
            },
            .message("suite.timeLeft") { (_, _: NoPayload, context) async -> Int in
                context.timeRemaining.map { Int($0 / .milliseconds(1)) } ?? -1
            },
            .message("suite.nested") { (suite, _: NoPayload, _) async throws -> Int in
                guard let client = suite.probe.client.value else { return -2 }
                return try await client.send("suite.timeLeft", Payload.null)
            },
        ]
    }

    private static var patterns: [Handler<SuiteController>] {
        [
            .message("suite.paint.*.now") { (_, _: NoPayload, context) in [context.pattern] + context.captures },
            .message("suite.files.>") { (_, _: NoPayload, context) in ["rest"] + context.captures },
            .message("suite.files.*") { (_, _: NoPayload, context) in ["one"] + context.captures },
            .message("suite.files.exact") { (_, _: NoPayload, context) in ["exact"] + context.captures },
            .message(["cmd": "sum", "args": ["b": 1, "a": true]]) { (_, numbers: [Int], _) in numbers.reduce(0, +) },
        ]
    }

    private static var streams: [Handler<SuiteController>] {
        [
            .message("suite.count") { (suite, count: SuiteCount, _) in
                SuiteNumbers(count: count.n, failsAtEnd: count.fails, probe: suite.probe)
            },
            .message("suite.endless") { (suite, _: NoPayload, _) in
                SuiteNumbers(count: .max, failsAtEnd: false, probe: suite.probe)
            },
        ]
    }

    private static var events: [Handler<SuiteController>] {
        [
            .event("suite.created") { (suite, note: String, _) in suite.probe.log.append("exact \(note)") },
            .event("suite.created") { (suite, note: String, _) async in suite.probe.log.append("second \(note)") },
            .event("suite.*") { (suite, note: String, _) async in suite.probe.log.append("star \(note)") },
            .event("suite.>") { (suite, note: String, _) in suite.probe.log.append("rest \(note)") },
            .event("shared.event") { (suite, note: String, _) async in
                suite.probe.log.append("\(suite.probe.instance) \(note)")
            },
            .event("kept.flaky") { (suite, event: SuiteFlaky, context) async throws in
                suite.probe.log.append("\(event.id) \(context.attempt)")
                guard context.attempt > event.failures else { throw SuiteCrash() }
            },
            .event("kept.step") { (suite, step: SuiteStep, _) async in
                suite.probe.log.append("began \(step.key)\(step.number)")
                await Task.yield()
                suite.probe.log.append("ended \(step.key)\(step.number)")
            },
            .event("kept.held") { (suite, note: String, _) async throws in
                suite.probe.log.append("began \(note)")
                try await suite.probe.gate.pass()
                suite.probe.log.append("ended \(note)")
            },
        ]
    }
}

/// 1, 2, 3…: counts what it makes, and tells when its reader has cancelled it.
struct SuiteNumbers: AsyncSequence, Sendable {
    typealias Element = Int

    let count: Int
    let failsAtEnd: Bool
    let probe: SuiteProbe

    struct AsyncIterator: AsyncIteratorProtocol {
        let numbers: SuiteNumbers
        var last = 0

        mutating func next() async throws -> Int? {
            // An endless sequence stands still here once in a while: that is where a cancellation finds it.
            if numbers.count == .max, last == 3 {
                do {
                    try await numbers.probe.gate.pass()
                } catch {
                    numbers.probe.log.append("cancelled")
                    throw error
                }
            }
            guard last < numbers.count else {
                if numbers.failsAtEnd { throw TransportError("worn_out", "no more numbers") }
                return nil
            }
            last += 1
            numbers.probe.produced.increment()
            return last
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(numbers: self) }
}

/// A handler for events that every instance gets.
struct SuiteBroadcastController: Controller {
    let probe: SuiteProbe

    static var dependencies: [Dependency] { [Dependency(SuiteProbe.self)] }

    static func make(from resolver: Resolver) async throws -> SuiteBroadcastController {
        SuiteBroadcastController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<SuiteBroadcastController>] {
        [
            .event("told.all", options: HandlerOptions(broadcast: true)) { (suite, note: String, _) async in
                suite.probe.log.append("\(suite.probe.instance) \(note)")
            }
        ]
    }
}

/// A controller that is made for each message.
struct SuiteScopedController: Controller {
    let first: SuiteTicket
    let second: SuiteTicket

    static var dependencies: [Dependency] { [Dependency(SuiteTicket.self)] }

    static func make(from resolver: Resolver) async throws -> SuiteScopedController {
        SuiteScopedController(first: try await resolver.resolve(), second: try await resolver.resolve())
    }

    static var handlers: [Handler<SuiteScopedController>] {
        [
            .message("scoped.tickets") { (suite, _: NoPayload, context) async throws -> [Int] in
                let third: SuiteTicket = try await context.resolve()
                return [suite.first.id, suite.second.id, third.id]
            }
        ]
    }
}
