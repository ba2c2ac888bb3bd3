extension TransportSuite {
    static let delivery: [TransportCase] = [
        TransportCase("a failed event comes again until it is taken", needs: [.events, .retries], retries),
        TransportCase(
            "an event that keeps failing becomes a dead letter", needs: [.events, .retries, .deadLetters], exhausted),
        TransportCase(
            "an event that cannot be decoded becomes a dead letter at once", needs: [.events, .deadLetters], poison),
        TransportCase("a request that failed unexpectedly is kept, and answered", needs: .deadLetters, failedRequest),
        TransportCase(
            "a retried event keeps its place among those of its key", needs: [.events, .retries, .orderedPerKey],
            retryKeepsOrder),
    ]

    private static func retries(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        try await client.emit("kept.flaky", SuiteFlaky(id: "x", failures: 2))
        try await probe.log.eventually("three tries") { $0.count >= 3 }
        try expectEqual(probe.log.value, ["x 1", "x 2", "x 3"], "the tries")
    }

    private static func exhausted(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        let headers: MessageHeaders = ["tenant": "acme"]
        try await client.emit(
            "kept.flaky", SuiteFlaky(id: "x", failures: 99), options: CallOptions(headers: headers))
        let letter = try await deadLetter(bench)
        try expectEqual(probe.log.value, ["x 1", "x 2", "x 3"], "the tries")
        try expectEqual(letter["nest-dead-reason"], "max_attempts", "nest-dead-reason")
        try expectEqual(letter["nest-attempt"], "3", "nest-attempt")
        try expectEqual(letter["tenant"], "acme", "its own header")
        for name in ["nest-dead-error", "nest-dead-source", "nest-dead-at"] {
            try expect(letter[name]?.isEmpty == false, "no \(name) in \(letter)")
        }
    }

    private static func poison(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        try await client.emit("kept.flaky", "no object")
        let letter = try await deadLetter(bench)
        try expectEqual(letter["nest-dead-reason"], "invalid_message", "nest-dead-reason")
        try expectEqual(letter["nest-attempt"], "1", "nest-attempt")
        try expectEqual(probe.log.value, [], "what handlers saw")
    }

    private static func failedRequest(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        try await expectError(.internal, from: "suite.crash") { () throws(TransportError) in
            try await client.send("suite.crash", Payload.null, as: Bool.self)
        }
        let letter = try await deadLetter(bench)
        try expectEqual(letter["nest-dead-reason"], "unexpected_failure", "nest-dead-reason")
    }

    private static func retryKeepsOrder(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        for (id, failures) in [("x", 2), ("y", 0), ("z", 1)] {
            try await client.emit(
                "kept.flaky", SuiteFlaky(id: id, failures: failures), options: CallOptions(key: "k"))
        }
        try await probe.log.eventually("all tries") { $0.count >= 6 }
        try expectEqual(probe.log.value, ["x 1", "x 2", "x 3", "y 1", "z 1", "z 2"], "the tries")
    }

    private static func deadLetter(_ bench: SuiteBench) async throws -> MessageHeaders {
        let letters = try await within(.seconds(20), "a dead letter") { try await bench.stage.deadLetters(atLeast: 1) }
        try expectEqual(letters.count, 1, "dead letters")
        guard let letter = letters.first else { throw SuiteFailure("no dead letter") }
        return letter
    }
}
