/// A payload with a bit of everything.
struct SuiteItem: Codable, Sendable, Equatable {
    var id: Int
    var name: String
    var price: Double
    var tags: [String]
    var note: String?
}

/// Asks a streaming handler for items.
struct SuiteCount: Codable, Sendable {
    var n: Int
    /// Throws after the last item.
    var fails = false
}

/// An event that fails a number of times before it is taken.
struct SuiteFlaky: Codable, Sendable {
    var id: String
    var failures: Int
}

/// An event of a key, with its number.
struct SuiteStep: Codable, Sendable {
    var key: String
    var number: Int
}

/// An error nobody expects. Its text must not leave the process.
struct SuiteCrash: Error, CustomStringConvertible {
    static let secret = "password of the database"
    var description: String { Self.secret }
}

/// JSON over several lines, with something between them that would be a message of its own on a wire of lines.
enum SuiteLines {
    static let value: [String: [Int]] = ["a": [1, 2], "b": []]
    static let json = "{\r\n  \"a\": [\n1,\r2],\n\"b\": [\n]\n}"
    /// An array whose second line looks like an event.
    static let foreign = """
        [1,
        {"id":"1","kind":"emit","pattern":"suite.created","payload":"foreign"}
        ]
        """
}

/// An object of which each message has its own.
struct SuiteTicket: Injectable {
    let id: Int

    static var scope: Scope { .request }
    static var dependencies: [Dependency] { [Dependency(SuiteProbe.self)] }

    static func make(from resolver: Resolver) async throws -> SuiteTicket {
        let probe: SuiteProbe = try await resolver.resolve()
        return SuiteTicket(id: probe.tickets.increment())
    }
}
