import NestMessaging

extension Check {
    /// A name that no other check uses.
    static func newName() -> String { "check-" + String(UInt64.random(in: .min ... .max), radix: 36) }

    /// Asks again and again until the answers, the last one of each instance that was met, are as they should be.
    ///
    /// Who answers is up to the broker, so nobody has to be asked by name. Each answer is a round trip: this does not
    /// spin.
    static func gather<Answer: InstanceAnswer>(
        _ what: String, _ client: ClientProxy, _ pattern: Pattern, _ question: some Encodable & Sendable,
        until holds: ([Answer]) throws -> Bool
    ) async throws -> [Answer] {
        let end = ContinuousClock.now + .seconds(10)
        var answers: [String: Answer] = [:]
        while true {
            let answer: Answer = try await client.send(pattern, question)
            answers[answer.instance] = answer
            let all = Array(answers.values)
            if try holds(all) { return all }
            try expect(.now < end, "waited 10 s for \(what), got \(all)")
        }
    }
}

extension Collection where Element: InstanceAnswer {
    /// What all instances together have counted.
    var total: Int { reduce(0) { $0 + $1.count } }
}
