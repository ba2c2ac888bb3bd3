extension TransportSuite {
    static let patterns: [TransportCase] = [
        TransportCase("wildcards match, capture, and give way to the more specific", wildcards),
        TransportCase("object patterns are named by their sorted text", objectPatterns),
    ]

    private static func wildcards(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let expected: [(Pattern, [String])] = [
            ("suite.paint.red.now", ["suite.paint.red.now", "red"]),
            ("suite.files.exact", ["exact"]),
            ("suite.files.a", ["one", "a"]),
            ("suite.files.a.b.c", ["rest", "a.b.c"]),
        ]
        for (pattern, reply) in expected {
            let seen: [String] = try await client.send(pattern, Payload.null)
            try expectEqual(seen, reply, "the captures of \(pattern)")
        }
    }

    private static func objectPatterns(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let sum: Int = try await client.send(["args": ["a": true, "b": 1], "cmd": "sum"], [1, 2, 3])
        try expectEqual(sum, 6, "the sum")
    }
}
