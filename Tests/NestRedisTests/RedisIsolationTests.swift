import NestRedis
import NestTesting
import Testing

/// Two systems on one Redis never see each other.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisIsolationTests {
    private struct System {
        let service: RedisService
        let audit: RedisService
        let client: ClientProxy

        static func start(_ name: String, _ options: RedisOptions) async throws -> System {
            let service = try await RedisService.start(options, probe: ServiceProbe(name))
            let audit = try await RedisService.start(
                options, probe: ServiceProbe(name), controllers: [AuditController.self]
            ) { $0.group = "audit" }
            return System(service: service, audit: audit, client: try ClientProxy.redis(options))
        }

        func close() async {
            await client.close()
            await audit.stop()
            await service.stop()
        }
    }

    /// Prefixes that would cover each other if anybody took them for a pattern.
    private static let prefixes = [
        ("a*", "ab"), ("a?c", "abc"), ("[ab]c", "ac"), ("a", "a:b"), ("a", "a.test"),
        (#"a\*"#, "a*"), ("ä*", "äö"),
        ("a^[", "a]"),
    ]

    @Test(arguments: RedisMode.all, prefixes)
    func prefixesAreTakenAsTheyAre(_ mode: RedisMode, _ prefixes: (String, String)) async throws {
        let broker = try await Brokers.shared.plain()
        let run = "p\(UInt32.random(in: 0 ... .max))"
        let first = try await System.start("one", .test(broker.url, mode, prefix: run + prefixes.0))
        let second = try await System.start("two", .test(broker.url, mode, prefix: run + prefixes.1))
        for (system, name) in [(first, "one"), (second, "two")] {
            for _ in 0..<5 {
                let reply: String = try await system.client.send("test.who", Payload.null)
                #expect(reply == name)
            }
            for number in 0..<5 { try await system.client.emit("test.noted", "\(name)\(number)") }
        }
        for (system, name) in [(first, "one"), (second, "two")] {
            let noted = (0..<5).map { "\(name) \(name)\($0)" }
            try await system.service.probe.log.eventually("its events") { $0.count >= 5 }
            #expect(system.service.probe.log.value.sorted() == noted)
            let seen = (0..<5).map { "test.noted \"\(name)\($0)\"" }
            try await system.audit.probe.log.eventually("its audit") { $0.count >= 5 }
            #expect(system.audit.probe.log.value.sorted() == seen)
        }
        await first.close()
        await second.close()
    }

    /// What is not a pattern to us must not be one to Redis.
    @Test(arguments: RedisMode.all)
    func patternsAreTakenAsTheyAre(_ mode: RedisMode) async throws {
        let options = RedisOptions.test(try await Brokers.shared.plain().url, mode)
        let service = try await RedisService.start(options, controllers: [GlobController.self])
        let client = try ClientProxy.redis(options)
        for pattern in ["glob.a?", "glob.[x]", "glob.ab", "glob.x"] as [Pattern] {
            try await client.emit(pattern, "\(pattern)")
        }
        let log = try await service.probe.log.eventually("those it listens to") { $0.count >= 2 }
        #expect(log.sorted() == ["a? glob.a?", "[x] glob.[x]"].sorted())
        await client.close()
        await service.stop()
    }
}

/// Names with characters that mean something to Redis.
private struct GlobController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> GlobController {
        GlobController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<GlobController>] {
        [
            .event("glob.a?") { (glob, text: String, _) in glob.probe.log.append("a? \(text)") },
            .event("glob.[x]") { (glob, text: String, _) in glob.probe.log.append("[x] \(text)") },
        ]
    }
}
