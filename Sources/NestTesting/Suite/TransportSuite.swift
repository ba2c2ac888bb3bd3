/// What every transport must do, case by case. With Swift Testing:
///
/// ```swift
/// @Test(arguments: TransportSuite.cases(for: .memory))
/// func memory(_ testCase: TransportCase) async throws { try await testCase.run(on: .memory) }
/// ```
public enum TransportSuite {
    /// All cases.
    public static let cases: [TransportCase] =
        requests + errors + deadlines + patterns + events + streams + pipeline + concurrency + delivery + faults
        + shutdown

    /// The cases that apply to a transport.
    public static func cases(for fixture: TransportFixture) -> [TransportCase] {
        cases.filter { $0.whyNot(on: fixture) == nil }
    }

    /// The cases that do not apply to a transport, each with the reason: to be shown, so that nobody takes them for
    /// passed.
    public static func skipped(for fixture: TransportFixture) -> [(name: String, reason: String)] {
        cases.compactMap { testCase in testCase.whyNot(on: fixture).map { (testCase.name, $0) } }
    }
}
