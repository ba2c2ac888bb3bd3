import NestMessaging

/// One thing a service must do right.
struct Check: Sendable {
    /// What did not hold.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let name: String
    /// What the transport must promise for the check to make sense.
    var needs: Guarantees = []
    let body: @Sendable (ClientProxy) async throws -> Void

    static func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        guard holds else { throw Failure(description: what()) }
    }

    static func equal<Value: Equatable>(_ found: Value, _ expected: Value) throws {
        try expect(found == expected, "got \(found), expected \(expected)")
    }

    /// The error that a call must end with.
    static func error(_ code: TransportError.Code, _ call: () async throws -> Void) async throws -> TransportError {
        do {
            try await call()
        } catch let error as TransportError {
            try expect(error.code == code, "got \(error), expected code \(code)")
            return error
        }
        throw Failure(description: "succeeded, expected code \(code)")
    }
}
