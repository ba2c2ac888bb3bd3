import NestMessaging

/// Requests and what comes back.
enum ReplyChecks {
    static let all = [
        Check(name: "echo gives back any JSON value") { client in
            for json in [
                "null", "true", "0", "-1.5", "\"\"", "\"ä\\u0001𝄞\"", "[]", "{}", #"{"a":[1,{"b":null}]}"#,
            ] {
                let reply: Payload = try await client.send("echo", Payload(json: json))
                try Check.equal(reply.description, json)
            }
        },
        Check(name: "numbers keep their digits") { client in
            for digits in ["9007199254740993", "18446744073709551615", "-9223372036854775808", "1.10", "1e400"] {
                let reply: Payload = try await client.send("echo", Payload(json: digits))
                try Check.equal(reply.description, digits)
            }
        },
        Check(name: "typed echo") { client in
            let payload = TypedEcho(id: 1, sku: "a", quantity: 2, price: 1.5, note: "ü\n", tags: ["x", "y"])
            try Check.equal(try await client.send("echo.typed", payload), payload)
        },
        Check(name: "echo through @Message's code") { client in
            let payload = MessageEcho(id: .max, sku: "\"", quantity: -2, price: 0.1, note: "", tags: [])
            try Check.equal(try await client.send("echo.message", payload), payload)
        },
        Check(name: "sum") { client in
            try Check.equal(try await client.send("math.sum", [1, 2.5, 3]), 6.5)
        },
        Check(name: "null") { client in
            let reply: Payload = try await client.send("null", NoPayload())
            try Check.equal(reply.description, "null")
        },
        Check(name: "headers reach the handler") { client in
            let reply: [String: String] = try await client.send(
                "headers", NoPayload(), options: CallOptions(headers: ["tenant": "acme", "x-ü": "\"1\""]))
            try Check.equal(reply["tenant"], "acme")
            try Check.equal(reply["x-ü"], "\"1\"")
        },
        Check(name: "whoami") { client in
            let name: String = try await client.send("whoami", NoPayload())
            try Check.expect(name.hasPrefix("peer-"), "got \(name)")
        },
        Check(name: "1,000 requests at once find their callers") { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1_000 {
                    group.addTask { try Check.equal(try await client.send("echo", number), number) }
                }
                try await group.waitForAll()
            }
        },
        Check(name: "a payload of 900 KiB") { client in
            let text = String(repeating: "0123456789abcdef", count: 57_600)
            let reply: String = try await client.send("echo", text)
            try Check.expect(reply == text, "came back changed, \(reply.utf8.count) bytes")
        },
    ]
}
