extension TransportSuite {
    static let requests: [TransportCase] = [
        TransportCase("replies find their callers under load", repliesUnderLoad),
        TransportCase("payloads keep their digits", payloadDigits),
        TransportCase("typed payloads, null and large ones go both ways", payloadKinds),
        TransportCase("line breaks inside payloads go both ways", lineBreaks),
        TransportCase("headers go with a request", headers),
    ]

    /// 1,000 at once, each with a number of its own.
    private static func repliesUnderLoad(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 0..<1_000 {
                group.addTask {
                    let item = SuiteItem(id: id, name: "item \(id)", price: Double(id) / 4, tags: ["\(id)"], note: nil)
                    let reply: SuiteItem = try await client.send("suite.typed", item)
                    try expectEqual(reply, item, "the reply to request \(id)")
                }
            }
            try await group.waitForAll()
        }
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait afterwards")
    }

    private static func payloadDigits(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let texts = [
            "9007199254740993", "-9223372036854775808", "18446744073709551615", "0.10", "1e400", "-0",
            "\"\\ud83d\\ude00 é\"",
            #"{"a":[1,2.50,{"b":null}],"c":""}"#, "[]", "true", #""a line\nand \u0000 another""#,
        ]
        for text in texts {
            let reply: Payload = try await client.send("suite.echo", try Payload(json: text))
            try expectEqual(reply, try Payload(json: text), "the echo of \(text)")
        }
    }

    private static func payloadKinds(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let sum: Double = try await client.send("suite.sum", [1.5, 2, -0.25])
        try expectEqual(sum, 3.25, "the sum")
        let nothing: Int? = try await client.send("suite.null", Payload.null)
        try expectEqual(nothing, nil, "the reply of a handler that returns nothing")
        let large = String(repeating: "ünï ", count: 50_000)
        let echo: String = try await client.send("suite.echo", large)
        try expect(echo == large, "a payload of \(large.utf8.count) bytes came back as \(echo.utf8.count)")
    }

    private static func lineBreaks(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        let echo: [String: [Int]] = try await client.send("suite.echo", try Payload(json: SuiteLines.json))
        try expectEqual(echo, SuiteLines.value, "an echo over several lines")
        let made: [String: [Int]] = try await client.send("suite.lines", Payload.null)
        try expectEqual(made, SuiteLines.value, "a reply over several lines")
        let error = try await expectError("not_found", from: "suite.failLines") { () throws(TransportError) in
            try await client.send("suite.failLines", Payload.null, as: Bool.self)
        }
        try expectEqual(try error.details?.decode([String: [Int]].self), SuiteLines.value, "details over several lines")
        let foreign: Payload = try await client.send("suite.echo", try Payload(json: SuiteLines.foreign))
        try expect(foreign.description.contains("foreign"), "an echo with a message in it: \(foreign)")
        let next: Int = try await client.send("suite.echo", 1)
        try expectEqual(next, 1, "the next call")
        try expectEqual(probe.log.value, [], "what other handlers saw")
    }

    private static func headers(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let sent: MessageHeaders = ["tenant": "acme", "x-text": "a \"b\" \\ c, d; ü"]
        let seen: [String: String] = try await client.send(
            "suite.headers", Payload.null, options: CallOptions(headers: sent))
        for header in sent { try expectEqual(seen[header.name], header.value, "header \(header.name)") }
        try expect(seen["nest-timeout-ms"].flatMap(Int.init) ?? 0 > 0, "no nest-timeout-ms in \(seen)")
    }
}
