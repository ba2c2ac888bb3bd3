import Foundation
import NestTesting
import Testing

@Suite("A broker that is not installed") struct BrokerProcessTests {
    private let program = BrokerProgram("no-such-broker", readyLine: "ready")

    @Test("is a reason to skip, but in CI a failure")
    func expectation() {
        let isCI = ["1", "true"].contains(ProcessInfo.processInfo.environment["CI"])
        #expect(!BrokerProcess.isInstalled(program.executable))
        #expect(BrokerProcess.isExpected(program.executable) == isCI)
        #expect(BrokerProcess.isExpected("sh"))
    }

    @Test("fails at start, and says so")
    func start() async {
        let error = await #expect(throws: BrokerProcess.Failed.self) { try await BrokerProcess(program).start() }
        #expect(error?.description.contains("no-such-broker is not installed") == true)
    }
}
