import NestMessaging

/// Events and what they leave behind.
enum EventChecks {
    private struct User: Codable, Sendable { var name: String }
    private struct Users: Decodable, Sendable {
        var count: Int
        var last: Payload
    }

    static let all = [
        Check(name: "events arrive", needs: .events) { client in
            let before: Users = try await client.send("events.count", NoPayload())
            for _ in 0..<10 { try await client.emit("user.created", User(name: "Ada")) }
            try await until("10 events") {
                let now: Users = try await client.send("events.count", NoPayload())
                return now.count >= before.count + 10 && now.last.description == #"{"name":"Ada"}"#
            }
        },
        Check(name: "wildcards cover events", needs: .events) { client in
            let before: Total = try await client.send("audit.count", NoPayload())
            try await client.emit("audit.login", NoPayload())
            try await client.emit("audit.eu.orders.created", NoPayload())
            try await until("2 events") {
                let now: Total = try await client.send("audit.count", NoPayload())
                return now.count >= before.count + 2
            }
        },
        Check(name: "a failing event is tried again", needs: [.events, .retries]) { client in
            let key = "event-" + String(UInt64.random(in: .min ... .max), radix: 36)
            try await client.emit("flaky.event", Flaky(key: key, failures: 2))
            try await until("3 tries") {
                let log: FlakyLog = try await client.send("flaky.log", FlakyKey(key: key))
                return log.attempts == [1, 2, 3]
            }
        },
    ]

    /// Asks again and again: each answer is a round trip, so this does not spin.
    private static func until(_ what: String, _ holds: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while try await !holds() {
            try Check.expect(.now < end, "waited 10 s for \(what)")
        }
    }
}
