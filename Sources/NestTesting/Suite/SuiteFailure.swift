/// A case of the ``TransportSuite`` found a transport that does not keep its word.
public struct SuiteFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected, and what came.
    public let description: String

    init(_ description: String, file: StaticString = #fileID, line: UInt = #line) {
        self.description = "\(description) (\(file):\(line))"
    }
}

/// Throws a ``SuiteFailure`` when the condition is false.
func expect(
    _ condition: Bool, _ what: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) throws {
    guard condition else { throw SuiteFailure(what(), file: file, line: line) }
}

/// Throws when the two differ, and says what came.
func expectEqual<Value: Equatable>(
    _ value: Value, _ expected: Value, _ what: String, file: StaticString = #fileID, line: UInt = #line
) throws {
    try expect(value == expected, "\(what): expected \(expected), got \(value)", file: file, line: line)
}

/// The error `body` throws; a failure when it throws none.
func expectError<Value: Sendable>(
    _ what: String, file: StaticString = #fileID, line: UInt = #line,
    _ body: () async throws(TransportError) -> Value
) async throws -> TransportError {
    let value: Value
    do throws(TransportError) {
        value = try await body()
    } catch {
        return error
    }
    throw SuiteFailure("\(what): expected an error, got \(value)", file: file, line: line)
}

/// The error `body` throws must have one of the codes.
@discardableResult
func expectError<Value: Sendable>(
    _ codes: TransportError.Code..., from what: String, file: StaticString = #fileID, line: UInt = #line,
    _ body: () async throws(TransportError) -> Value
) async throws -> TransportError {
    let error = try await expectError(what, file: file, line: line, body)
    let names = codes.map(\.rawValue).joined(separator: " or ")
    try expect(codes.contains(error.code), "\(what): expected \(names), got \(error)", file: file, line: line)
    return error
}
