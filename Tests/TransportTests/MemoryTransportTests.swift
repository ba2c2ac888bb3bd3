import NestTesting
import Testing

@Suite struct MemoryTransportTests {
    @Test(arguments: TransportSuite.cases(for: .memory))
    func memory(_ testCase: TransportCase) async throws { try await testCase.run(on: .memory) }

    /// It promises all that is asked for, except what needs connections.
    @Test func nothingIsLeftOut() {
        let skipped = TransportSuite.skipped(for: .memory).map(\.reason)
        #expect(Set(skipped) == ["connections cannot be cut here"])
    }
}
