extension TransportSuite {
    static let pipeline: [TransportCase] = [
        TransportCase("guards, interceptors, pipes and filters run in order", pipelineOrder),
        TransportCase("request-scoped objects are made once for each message", requestScope),
    ]

    private static func pipelineOrder(_ bench: SuiteBench) async throws {
        let log = Watched<[String]>([])
        let service = try await bench.service(
            SuiteProbe(log: log),
            settings: { app in
                try app.useGlobalMiddleware(SuiteInterceptor(name: "middleware", log: log))
                try app.useGlobalGuards(SuiteGuard(log: log))
                try app.useGlobalInterceptors(
                    SuiteInterceptor(name: "outer", log: log), SuiteInterceptor(name: "inner", log: log))
                try app.useGlobalPipes(SuitePipe(log: log))
                try app.useGlobalFilters(SuiteFilter(log: log))
            })
        let client = try await bench.client(to: service)
        try await client.send("suite.note", "x")
        try expectEqual(
            log.value,
            [
                "middleware before", "guard", "outer before", "inner before", "pipe", "x", "inner after",
                "outer after", "middleware after",
            ], "the order of a call")
        try await refused(
            client, log, by: .forbidden, "stop", ["middleware before", "guard", "filter", "middleware after"])
        try await refused(
            client, log, by: .rejected, "invalid",
            [
                "middleware before", "guard", "outer before", "inner before", "pipe", "inner after", "outer after",
                "filter", "middleware after",
            ])
        try await expectError("translated", from: "a filter") { () throws(TransportError) in
            try await client.send("suite.crash", Payload.null)
        }
    }

    private static func refused(
        _ client: ClientProxy, _ log: Watched<[String]>, by code: TransportError.Code, _ payload: String,
        _ expected: [String]
    ) async throws {
        log.update { $0 = [] }
        try await expectError(code, from: "\"\(payload)\"") { () throws(TransportError) in
            try await client.send("suite.note", payload)
        }
        try expectEqual(log.value, expected, "the order of a call with \"\(payload)\"")
    }

    private static func requestScope(_ bench: SuiteBench) async throws {
        let service = try await bench.service(controllers: [SuiteScopedController.self])
        let client = try await bench.client(to: service)
        var seen: Set<Int> = []
        for _ in 0..<5 {
            let tickets: [Int] = try await client.send("scoped.tickets", Payload.null)
            try expectEqual(Set(tickets).count, 1, "objects in one message")
            seen.formUnion(tickets)
        }
        try expectEqual(seen.count, 5, "objects for five messages")
        try expectEqual(service.probe.tickets.value, 5, "objects made")
    }
}
