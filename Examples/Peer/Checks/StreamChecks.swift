import NestMessaging

/// Replies that are streams.
enum StreamChecks {
    static let all = [
        Check(name: "a stream comes whole and in order", needs: .streaming) { client in
            var next = 1
            for try await item in try await client.stream("count", Count(n: 5_000), of: Int.self) {
                try Check.equal(item, next)
                next += 1
            }
            try Check.equal(next, 5_001)
        },
        Check(name: "an empty stream", needs: .streaming) { client in
            for try await item in try await client.stream("count", Count(n: 0), of: Int.self) {
                throw Check.Failure(description: "got \(item)")
            }
        },
        Check(name: "a stream that nobody asked for comes as an array") { client in
            let numbers: [Int] = try await client.send("count", Count(n: 4))
            try Check.equal(numbers, [1, 2, 3, 4])
        },
        Check(name: "leaving a stream leaves the client usable", needs: .streaming) { client in
            for _ in 0..<20 {
                for try await item in try await client.stream("count", Count(n: 1_000_000), of: Int.self)
                where item == 10 { break }
            }
            try Check.equal(try await client.send("echo", 1), 1)
        },
        Check(name: "a plain reply is a stream of one", needs: .streaming) { client in
            var items: [Int] = []
            for try await item in try await client.stream("echo", 7, of: Int.self) { items.append(item) }
            try Check.equal(items, [7])
        },
        Check(name: "a failure ends a stream", needs: .streaming) { client in
            _ = try await Check.error("not_found") {
                for try await _ in try await client.stream("fail", NoPayload(), of: Payload.self) {}
            }
        },
    ]
}
