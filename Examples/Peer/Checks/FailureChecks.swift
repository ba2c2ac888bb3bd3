import NestMessaging

/// What goes wrong, and how the caller hears of it.
enum FailureChecks {
    static let all = [
        Check(name: "an error keeps code, message and details") { client in
            let error = try await Check.error("not_found") { try await client.send("fail", NoPayload()) }
            try Check.equal(error.message, "not found")
            try Check.equal(try error.details?.decode(Details.self).code, 404)
        },
        Check(name: "an unexpected error shows nothing of itself") { client in
            let error = try await Check.error(.internal) { try await client.send("crash", NoPayload()) }
            try Check.expect(!"\(error.message)".contains("Crash"), "its text came through: \(error)")
        },
        Check(name: "an unknown pattern fails at once", needs: .unknownPatterns) { client in
            do {
                try await client.send("nobody.answers.this", NoPayload())
                throw Check.Failure(description: "succeeded")
            } catch let error as TransportError {
                try Check.expect([.noHandler, .noResponders].contains(error.code), "got \(error)")
            }
        },
        Check(name: "a payload of the wrong type is refused") { client in
            let error = try await Check.error(.invalidMessage) { try await client.send("echo.typed", ["id": "x"]) }
            try Check.expect(error.message.hasPrefix("invalid payload for `echo.typed`"), "got \(error)")
        },
        Check(name: "a late reply is a timeout, in time") { client in
            let start = ContinuousClock.now
            _ = try await Check.error(.timeout) {
                try await client.send("slow", Slow(ms: 30_000), options: .timeout(.milliseconds(200)))
            }
            let taken = ContinuousClock.now - start
            try Check.expect(taken < .seconds(2), "took \(taken)")
        },
        Check(name: "slow handlers run side by side") { client in
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let slept: Slept = try await client.send("slow", Slow(ms: 200))
                        try Check.equal(slept.slept, 200)
                    }
                }
                try await group.waitForAll()
            }
            let taken = ContinuousClock.now - start
            try Check.expect(taken < .seconds(4), "took \(taken)")
        },
        Check(name: "a cancelled caller stops waiting") { client in
            let call = Task { try await client.send("slow", Slow(ms: 30_000), options: .timeout(.seconds(60))) }
            call.cancel()
            _ = try await Check.error(.cancelled) { try await call.value }
        },
        Check(name: "flaky fails as often as it is told") { client in
            let key = Check.newName()
            var failures: [String: Int] = [:]
            let total = try await flaky(Flaky(key: key, failures: 2), client, &failures)
            try Check.equal(total.count, 3)
            try Check.equal(failures[total.instance], 2)
            let _: [FlakyLog] = try await Check.gather("3 tries", client, "flaky.log", FlakyKey(key: key)) { logs in
                logs.contains { $0.instance == total.instance && $0.count == 3 }
            }
        },
    ]

    /// Asks until it succeeds. Each instance fails as often as it is told, one after the other.
    private static func flaky(
        _ flaky: Flaky, _ client: ClientProxy, _ failures: inout [String: Int]
    ) async throws -> Total {
        while true {
            do throws(TransportError) {
                return try await client.send("flaky", flaky)
            } catch {
                guard error.code == "flaky", let seen = try error.details?.decode(Total.self) else { throw error }
                failures[seen.instance, default: 0] += 1
                try Check.equal(seen.count, failures[seen.instance])
                try Check.expect(seen.count <= flaky.failures, "failed \(seen.count) times")
            }
        }
    }
}
