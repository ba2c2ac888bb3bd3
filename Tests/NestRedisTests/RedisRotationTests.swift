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
        let path: String
        let service: RedisService
        let client: ClientProxy

        /// As Kubernetes does it: another file in its place, at once.
        func rotate(to text: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }

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
        _ configure: (inout RedisOptions, RedisBroker) throws -> String = Self.password
    ) async throws -> Scene {
        let broker = try await RedisBroker.started(access)
        var options = RedisOptions.test(broker.url, mode)
        options.fileCheckInterval = .milliseconds(20)
        let path = try configure(&options, broker)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.connect()
        return Scene(broker: broker, options: options, path: path, service: service, client: client)
    }

    private static func password(_ options: inout RedisOptions, _ broker: RedisBroker) throws -> String {
        let path = "\(broker.process.folder)/password"
        try "first\n".write(toFile: path, atomically: true, encoding: .utf8)
        options.credentials = RedisCredentials(user: "app", password: .file(path))
        return path
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
        let held = OutageScene(
            broker: scene.broker, options: scene.options, service: scene.service, client: client
        ).heldCalls(50)
        try await scene.service.probe.gate.eventuallyHolds(50)
        var numbers = try await client.stream("test.count", 5_000, of: Int.self).makeAsyncIterator()
        for expected in 1...10 { #expect(try await numbers.next() == expected) }
        let counts = Watched((replies: 0, events: 0))
        let load = Task { try await self.load(client, counts) }
        try await counts.eventually("a load") { $0.replies > 200 }
        try await scene.broker.run("ACL", "SETUSER", "app", ">second")
        let old = try await scene.connections()
        try scene.rotate(to: "second\n")
        try await scene.replaced(old)
        try await scene.broker.run("ACL", "SETUSER", "app", "<first")
        let before = counts.value.replies
        try await counts.eventually("a load afterwards") { $0.replies > before + 200 }
        for expected in 11...5_000 {
            let number = try await numbers.next()
            guard number == expected else {
                Issue.record("\(String(describing: number)) instead of \(expected)")
                break
            }
        }
        #expect(try await numbers.next() == nil)
        load.cancel()
        do {
            try await load.value
        } catch let error as TransportError {
            #expect(error.code == .cancelled, "\(error)")
        }
        scene.service.probe.gate.open()
        #expect(await held.value == Array(repeating: nil, count: 50))
        // Cancelled ones may have been sent as well.
        let events = counts.value.events
        let seen = try await scene.service.probe.log.eventually("every event") { log in
            log.count { $0.hasPrefix("a ") } >= events
        }
        let noted = seen.filter { $0.hasPrefix("a ") }
        #expect(Set(noted).count == noted.count, "events came twice")
        #expect(await client.health().details["pending"] == "0")
        await scene.close()
    }

    private func load(_ client: ClientProxy, _ counts: Watched<(replies: Int, events: Int)>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<16 {
                group.addTask {
                    var number = 0
                    while !Task.isCancelled {
                        let _: Int = try await client.send("test.later", 1)
                        counts.update { $0.replies += 1 }
                        number += 1
                        try await client.emit("test.noted", "\(place).\(number)")
                        counts.update { $0.events += 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The old connections serve until a file comes that can be used.
    @Test func aPasswordThatIsRefusedChangesNothing() async throws {
        let scene = try await scene()
        let old = try await scene.connections()
        try scene.rotate(to: "guessed\n")
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
        try scene.rotate(to: "first\n")
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
            let path = "\(broker.process.folder)/client.pem"
            try good.write(toFile: path, atomically: true, encoding: .utf8)
            options.credentials = RedisCredentials(user: "app", password: .value("first"))
            options.tls = RedisTLSOptions(
                certificateAuthority: .file(certificates.path("ca.pem")), certificate: .file(path),
                privateKey: .file(certificates.path("client.key")))
            return path
        }
        let old = try await scene.connections()
        try scene.rotate(to: "half a file")
        for _ in 0..<200 {
            let _: Int = try await scene.client.send("test.later", 1)
        }
        #expect(try await scene.connections() == old)
        try scene.rotate(to: good)
        try await scene.replaced(old)
        try await scene.client.answered()
        await scene.close()
    }
}
