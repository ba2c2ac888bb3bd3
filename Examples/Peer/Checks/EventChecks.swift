import NestMessaging

/// Events and what they leave behind, on however many instances.
enum EventChecks {
    private struct User: Codable, Sendable { var name: String }

    static let all = [
        Check(name: "events arrive", needs: .events) { client in
            let run = Check.newName()
            for _ in 0..<10 { try await client.emit("user.created", User(name: "Ada"), options: .run(run)) }
            let answers: [UserCount] = try await Check.gather(
                "10 events", client, "events.count", CountQuery(run: run)
            ) { $0.total >= 10 }
            try expectOnce(10, answers, client)
            let lasts = answers.filter { $0.count > 0 }.map(\.last.description)
            try Check.equal(Set(lasts), [#"{"name":"Ada"}"#])
        },
        Check(name: "wildcards cover events", needs: .events) { client in
            let run = Check.newName()
            try await client.emit("audit.login", NoPayload(), options: .run(run))
            try await client.emit("audit.eu.orders.created", NoPayload(), options: .run(run))
            let answers: [Total] = try await Check.gather(
                "2 events", client, "audit.count", CountQuery(run: run)
            ) { $0.total >= 2 }
            try expectOnce(2, answers, client)
        },
        Check(name: "a failing event is tried again", needs: [.events, .retries]) { client in
            let key = Check.newName()
            try await client.emit("flaky.event", Flaky(key: key, failures: 2))
            let _: [FlakyLog] = try await Check.gather("3 tries", client, "flaky.log", FlakyKey(key: key)) {
                $0.flatMap(\.attempts).sorted() == [1, 2, 3]
            }
        },
    ]

    /// Where events may come again, more of them are no mistake.
    private static func expectOnce(_ count: Int, _ answers: [some InstanceAnswer], _ client: ClientProxy) throws {
        if !client.guarantees.contains(.retries) { try Check.equal(answers.total, count) }
    }
}

extension CallOptions {
    /// Counted for a run, see `EventController`.
    static func run(_ name: String) -> CallOptions { CallOptions(headers: ["run": name]) }
}
