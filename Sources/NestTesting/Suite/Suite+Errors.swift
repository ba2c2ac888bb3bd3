extension TransportSuite {
    static let errors: [TransportCase] = [
        TransportCase("errors keep code, message and details", errorsKeepDetails),
        TransportCase("unexpected errors become internal without their text", unexpectedErrors),
        TransportCase("a payload that does not fit is refused with a reason", undecodablePayload),
        TransportCase("a reply that does not fit says so", undecodableReply),
        TransportCase("an unknown pattern is answered at once", needs: .unknownPatterns, unknownPattern),
    ]

    private static func errorsKeepDetails(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let error = try await expectError("not_found", from: "suite.fail") { () throws(TransportError) in
            try await client.send("suite.fail", Payload.null, as: Bool.self)
        }
        try expectEqual(error.message, "not found", "the message")
        try expectEqual(try error.details?.decode([String: Int].self), ["code": 404], "the details")
        let later = try await expectError("card_declined", from: "suite.failLater") { () throws(TransportError) in
            try await client.send("suite.failLater", Payload.null, as: Bool.self)
        }
        try expectEqual(later.message, "no money: \"0 €\"\n", "the message with escapes")
        try expectEqual(later.details, nil, "the details")
    }

    private static func unexpectedErrors(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let error = try await expectError(.internal, from: "suite.crash") { () throws(TransportError) in
            try await client.send("suite.crash", Payload.null, as: Bool.self)
        }
        let text = "\(error) \(error.details?.description ?? "")"
        try expect(!text.contains(SuiteCrash.secret), "the error's text left the process: \(text)")
    }

    private static func undecodablePayload(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let error = try await expectError(.invalidMessage, from: "a payload without fields") {
            () throws(TransportError) in
            try await client.send("suite.typed", ["id": "x"], as: SuiteItem.self)
        }
        try expect(error.message.hasPrefix("invalid payload for `suite.typed`: "), "the message: \(error.message)")
        let echo: Int = try await client.send("suite.echo", 1)
        try expectEqual(echo, 1, "the next call")
    }

    private static func undecodableReply(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        try await expectError(.invalidMessage, from: "a reply of another type") { () throws(TransportError) in
            try await client.send("suite.echo", "text", as: Int.self)
        }
    }

    private static func unknownPattern(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let error = try await expectError(.noHandler, .noResponders, from: "an unknown pattern") {
            () throws(TransportError) in
            try await client.send("nobody.home", Payload.null, as: Bool.self)
        }
        guard error.code == .noHandler else { return }
        try expectEqual(error.message, "no microservice handler for pattern `nobody.home`", "the message")
    }
}
