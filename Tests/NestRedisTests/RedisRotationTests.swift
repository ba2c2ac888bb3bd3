import Foundation
import NestRedis
import NestTesting
import Testing

/// A password or a certificate is exchanged under a client and a service that work.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisRotationTests {
    private struct Scene {
        let broker: RedisBroker
        let options: RedisOptions
        let file: RotatedFile
        let service: RedisService
        let client: ClientProxy

        /// The numbers of the user's connections.
        func connections() async throws -> Set<Int> {
            let lines = try await broker.run("CLIENT", "LIST").split(separator: "\n")
            let numbers = lines.filter { $0.contains(" user=app ") }.compactMap { line in
                line.split(separator: " ").first { $0.hasPrefix("id=") }.flatMap { Int($0.dropFirst(3)) }
            }
            return Set(numbers)
        }

        /// Returns when as many others are there, and none of these any more.
        func replaced(_ old: Set<Int>) async throws {
            let now = try await waitFor {
                try await connections()
            } until: {
                $0.count == old.count && $0.isDisjoint(with: old)
            }
            #expect(now.count == old.count)
            #expect(now.isDisjoint(with: old), "\(now.intersection(old).count) of \(old.count) are still there")
        }

        func close() async {
            await client.close()
            await service.stop()
        }
    }

    private func scene(
        _ mode: RedisMode = .streams, _ access: RedisBroker.Access = .user("app", password: "first"),
        _ configure: (inout RedisOptions, RedisBroker) throws -> RotatedFile = Self.password
    ) async throws -> Scene {
        let broker = try await RedisBroker.started(access)
        var options = RedisOptions.test(broker.url, mode)
        options.fileCheckInterval = .milliseconds(20)
        let file = try configure(&options, broker)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.connect()
        return Scene(broker: broker, options: options, file: file, service: service, client: client)
    }

    private static func password(_ options: inout RedisOptions, _ broker: RedisBroker) throws -> RotatedFile {
        let file = try RotatedFile("\(broker.process.folder)/password", "first\n")
        options.credentials = RedisCredentials(user: "app", password: .file(file.path))
        return file
    }

    /// Calls under way, a stream, and a steady load go on as if nothing had happened; every event comes once.
    @Test(arguments: RedisMode.all)
    func nothingInFlightIsLost(_ mode: RedisMode) async throws { try await rotate(try await scene(mode)) }

    @Test func nothingThatWaitsInAListIsLost() async throws {
        try await rotate(
            try await scene(.lists) {
                $0.replies = .list()
                return try Self.password(&$0, $1)
            })
    }

    private func rotate(_ scene: Scene) async throws {
        let client = scene.client
        let held = HeldCalls(50, of: "test.hold", by: client)
        try await scene.service.probe.gate.eventuallyHolds(50)
        var numbers = CountedStream(try await client.stream("test.count", 5_000), upTo: 5_000)
        try await numbers.read(upTo: 10)
        let load = SteadyLoad { place, number, tally in
            let _: Int = try await client.send("test.later", 1)
            tally.replied()
            try await client.emit("test.noted", "\(place).\(number)")
            tally.confirmed()
        }
        try await load.goesOn()
        try await scene.broker.run("ACL", "SETUSER", "app", ">second")
        let old = try await scene.connections()
        try scene.file.rotate(to: "second\n")
        try await scene.replaced(old)
        try await scene.broker.run("ACL", "SETUSER", "app", "<first")
        try await load.goesOn()
        try await numbers.read()
        let events = try await load.stop()
        scene.service.probe.gate.open()
        #expect(await held.codes == Array(repeating: nil, count: 50))
        let seen = try await scene.service.probe.log.eventually("every event") { log in
            log.count { $0.hasPrefix("a ") } >= events
        }
        let noted = seen.filter { $0.hasPrefix("a ") }
        #expect(Set(noted).count == noted.count, "events came twice")
        #expect(await client.health().details["pending"] == "0")
        await scene.close()
    }

    /// The old connections serve until a file comes that can be used.
    @Test func aPasswordThatIsRefusedChangesNothing() async throws {
        let scene = try await scene()
        let old = try await scene.connections()
        try scene.file.rotate(to: "guessed\n")
        // Redis has refused it, to client and service.
        let log = try await waitFor {
            try await scene.broker.run("ACL", "LOG")
        } until: {
            $0.contains("auth")
        }
        #expect(log.contains("auth"))
        for _ in 0..<200 {
            let _: Int = try await scene.client.send("test.later", 1)
        }
        #expect(try await scene.connections().isSuperset(of: old))
        #expect(await scene.client.health().state == .up)
        try scene.file.rotate(to: "first\n")
        try await scene.replaced(old)
        try await scene.client.answered()
        await scene.close()
    }

    /// A certificate that another one takes the place of is the one that is shown from then on.
    @Test func certificates() async throws {
        let certificates = try TestCertificates.shared.get()
        let good = try String(contentsOfFile: certificates.path("client.pem"), encoding: .utf8)
        let access = RedisBroker.Access(
            users: ["app on >first ~* &* +@all"], tls: certificates.server(mutual: true))
        let scene = try await scene(.streams, access) { options, broker in
            let file = try RotatedFile("\(broker.process.folder)/client.pem", good)
            options.credentials = RedisCredentials(user: "app", password: .value("first"))
            options.tls = RedisTLSOptions(
                certificateAuthority: .file(certificates.path("ca.pem")), certificate: .file(file.path),
                privateKey: .file(certificates.path("client.key")))
            return file
        }
        let old = try await scene.connections()
        try scene.file.rotate(to: "half a file")
        for _ in 0..<200 {
            let _: Int = try await scene.client.send("test.later", 1)
        }
        #expect(try await scene.connections() == old)
        try scene.file.rotate(to: good)
        try await scene.replaced(old)
        try await scene.client.answered()
        await scene.close()
    }
}
