import Foundation
import NestNats
import NestTesting
import Testing

/// Users who show a token and sign with the seed that belongs to it.
@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct NatsCredsTests {
    private func options(_ broker: NatsBroker, _ credentials: NatsCredentials) -> NatsOptions {
        var options = NatsOptions.test(broker.url)
        options.credentials = credentials
        return options
    }

    private func works(_ options: NatsOptions) async throws {
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        let reply: Int = try await client.send("test.echo", 7)
        #expect(reply == 7)
        await client.close()
        await service.stop()
    }

    /// The error of an attempt to connect, which comes within a second.
    private func error(_ options: NatsOptions) async throws -> TransportError? {
        let client = try ClientProxy.nats(options)
        let begin = ContinuousClock.now
        var found: TransportError?
        do throws(TransportError) {
            try await client.connect()
        } catch {
            found = error
        }
        #expect(ContinuousClock.now - begin < .seconds(1))
        await client.close()
        return found
    }

    @Test func fileAndText() async throws {
        let broker = try await NatsAccounts.broker()
        let creds = try NatsAccounts.creds(NatsAccounts.alice)
        let path = "\(broker.process.folder)/alice.creds"
        try creds.write(toFile: path, atomically: true, encoding: .utf8)
        try await works(options(broker, .file(path)))
        try await works(options(broker, .creds(.value(creds))))
        try await works(options(broker, .creds(.closure { creds })))
        let nobody = try await error(.test(broker.url))
        #expect(nobody?.code == .unauthenticated)
    }

    @Test func aFileThatCannotBeUsedIsNamed() async throws {
        let broker = try await NatsAccounts.broker()
        let path = "\(broker.process.folder)/app.creds"
        let good = try NatsAccounts.creds(NatsAccounts.alice)
        let options = options(broker, .file(path))
        let missing = try await error(options)
        #expect(missing?.code == .unauthenticated)
        #expect(missing?.message.contains(path) == true)

        let seed = NatsAccounts.alice.seed
        let broken = [
            "", "no creds at all", good.replacingOccurrences(of: "USER JWT", with: "OTHER"),
            good.replacingOccurrences(of: seed, with: "SUANOSEED"),
            // Well made, but not by the account; and of somebody else than the seed's owner.
            try NatsAccounts.creds(NatsAccounts.alice, signedBy: NatsAccounts.bob),
            good.replacingOccurrences(of: seed, with: NatsAccounts.bob.seed),
        ]
        for text in broken {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let found = try await error(options)
            #expect(found?.code == .unauthenticated, "\(text)")
            #expect(found?.message.contains(path) == true, "\(String(describing: found))")
            #expect("\(String(describing: found))".contains(seed) == false)
        }
        try good.write(toFile: path, atomically: true, encoding: .utf8)
        try await works(options)
    }

    @Test func theFileIsReadForEachConnection() async throws {
        let broker = try await NatsAccounts.broker()
        let path = "\(broker.process.folder)/app.creds"
        var options = options(broker, .file(path))
        // Nobody looks at it in between.
        options.fileCheckInterval = .seconds(3_600)
        let denied = try NatsAccounts.creds(NatsAccounts.alice, denied: ["\(options.prefix).test.echo"])
        try denied.write(toFile: path, atomically: true, encoding: .utf8)
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        await #expect(throws: TransportError.self) { try await client.send("test.echo", 1) }
        try NatsAccounts.creds(NatsAccounts.bob).write(toFile: path, atomically: true, encoding: .utf8)
        await broker.process.kill()
        try await broker.process.start()
        let end = ContinuousClock.now + .seconds(10)
        var last: TransportError?
        repeat {
            do throws(TransportError) {
                let _: Int = try await client.send("test.echo", 1)
                last = nil
            } catch {
                last = error
                await Task.yield()
            }
        } while last != nil && ContinuousClock.now < end
        #expect(last == nil)
        await client.close()
        await service.stop()
    }
}
