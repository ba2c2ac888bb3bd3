import ArgumentParser
import NestMessaging

/// `nest-peer check URL`
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Runs every check against a running peer. Fails when one fails.")

    @OptionGroup var transport: PeerTransport

    func run() async throws {
        let transport = try transport.client()
        let client = try ClientProxy(transport)
        let checks = ReplyChecks.all + FailureChecks.all + StreamChecks.all + EventChecks.all
        var failed = 0
        var passed = 0
        for check in checks where transport.guarantees.isSuperset(of: check.needs) {
            do {
                try await check.body(client)
                passed += 1
                Output.line("PASS \(check.name)")
            } catch {
                failed += 1
                Output.line("FAIL \(check.name): \(error)")
            }
        }
        await client.close()
        Output.line("\(passed) passed, \(failed) failed")
        guard failed == 0 else { throw ExitCode.failure }
    }
}
