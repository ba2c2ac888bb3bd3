import ArgumentParser
import NestMessaging

/// `nest-peer check URL`
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Runs every check against a running peer. Fails when one fails.")

    @OptionGroup var transport: PeerTransport
    @Option(help: "Instances that serve, at least.") var instances = 1
    @Option(help: "Tries of each check: an instance that is killed takes with it what it was doing.") var tries = 1

    func run() async throws {
        let transport = try transport.client()
        let client = try ClientProxy(transport)
        let checks =
            ReplyChecks.all + FailureChecks.all + StreamChecks.all + EventChecks.all + InstanceChecks.all(instances)
        var failed = 0
        var passed = 0
        for check in checks where transport.guarantees.isSuperset(of: check.needs) {
            if await passes(check, client) { passed += 1 } else { failed += 1 }
        }
        await client.close()
        Output.line("\(passed) passed, \(failed) failed")
        guard failed == 0 else { throw ExitCode.failure }
    }

    func validate() throws {
        guard instances > 0, tries > 0 else { throw ValidationError("--instances and --tries are positive") }
    }

    private func passes(_ check: Check, _ client: ClientProxy) async -> Bool {
        for left in (0..<tries).reversed() {
            do {
                try await check.body(client)
                Output.line("PASS \(check.name)")
                return true
            } catch {
                Output.line("\(left > 0 ? "AGAIN" : "FAIL") \(check.name): \(error)")
            }
        }
        return false
    }
}
