import NestGRPC
import NestTesting

/// What a test sees of its service.
final class TestProbe: Sendable {
    let log = Watched<[String]>([])
    let gate = Gate()
}

/// The handlers that tests and peers talk to.
struct TestController: Controller {
    let probe: TestProbe

    static var dependencies: [Dependency] { [Dependency(TestProbe.self)] }

    static func make(from resolver: Resolver) async throws -> TestController {
        TestController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<TestController>] { requests + streams + events }

    private static var requests: [Handler<TestController>] {
        [
            .message("echo") { (_, payload: Payload, _) in payload },
            .message("later") { (_, payload: Payload, _) async in
                await Task.yield()
                return payload
            },
            .message("hold") { (controller, name: String, _) async throws -> String in
                do {
                    controller.probe.log.append("began \(name)")
                    try await controller.probe.gate.pass()
                    controller.probe.log.append("ended \(name)")
                    return name
                } catch {
                    controller.probe.log.append("cancelled \(name)")
                    throw error
                }
            },
            .message("fail") { (_, _: NoPayload, _) throws -> Bool in
                throw TransportError("not_found", "not found", details: ["code": 404])
            },
            .message("big") { (_, size: Int, _) in String(repeating: "x", count: size) },
            .message("headers") { (_, _: NoPayload, context) in
                Dictionary(context.headers.map { ($0.name, $0.value) }) { $1 }
            },
            .message("time.left") { (_, _: NoPayload, context) in
                context.timeRemaining.map { Int($0 / .milliseconds(1)) } ?? -1
            },
        ]
    }

    private static var streams: [Handler<TestController>] {
        [
            .message("count") { (_, count: Int, _) in
                AsyncStream<Int> { stream in
                    for number in 0..<count { stream.yield(number) }
                    stream.finish()
                }
            },
            .message("endless") { (controller, _: NoPayload, _) in
                AsyncStream<Int> { stream in
                    stream.onTermination = { _ in controller.probe.log.append("terminated") }
                    stream.yield(1)
                }
            },
            .message("texts") { (controller, size: Int, _) in
                AsyncStream<String>(unfolding: {
                    controller.probe.log.append("made")
                    return String(repeating: "x", count: size)
                })
            },
            .message("broken") { (_, _: NoPayload, _) in
                AsyncThrowingStream<Int, any Error> { stream in
                    stream.yield(1)
                    stream.finish(throwing: TransportError("worn_out", "no more numbers"))
                }
            },
        ]
    }

    private static var events: [Handler<TestController>] {
        [
            .event("note") { (controller, text: String, _) in controller.probe.log.append(text) },
            .event("held") { (controller, text: String, _) async throws in
                controller.probe.log.append("began \(text)")
                try await controller.probe.gate.pass()
                controller.probe.log.append("ended \(text)")
            },
            .event("broken") { (_, _: String, _) throws in throw TransportError("worn_out", "no more") },
            .event("broken.later") { (controller, _: String, _) async throws in
                try await controller.probe.gate.pass()
                throw TransportError("worn_out", "no more")
            },
        ]
    }
}

/// A running service on a free port.
struct TestService: Sendable {
    let app: Microservice
    let probe: TestProbe
    let port: Int

    private enum Root: Module {
        static var metadata: ModuleMetadata { ModuleMetadata() }
    }

    static func start(
        _ options: GRPCOptions = GRPCOptions(port: 0),
        configure: (inout MicroserviceOptions) -> Void = { _ in }
    ) async throws -> TestService {
        let probe = TestProbe()
        var settings = MicroserviceOptions(name: "test")
        settings.startup = .failFast
        settings.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        configure(&settings)
        let app = try await NestFactory.createMicroservice(
            Root.self, transport: .grpc(options),
            modules: [DynamicModule(Root.self, providers: [.value(probe)], controllers: [TestController.self])],
            options: settings)
        try await app.start()
        return TestService(app: app, probe: probe, port: app.endpoints.first?.port ?? 0)
    }

    /// Starts one, gives it to `body`, and shuts it down.
    static func run<Value>(
        _ options: GRPCOptions = GRPCOptions(port: 0),
        configure: (inout MicroserviceOptions) -> Void = { _ in }, _ body: (TestService) async throws -> Value
    ) async throws -> Value {
        let service = try await start(options, configure: configure)
        do {
            let value = try await body(service)
            await service.stop()
            return value
        } catch {
            await service.stop()
            throw error
        }
    }

    func stop() async {
        probe.gate.open()
        await app.close()
    }

    /// A client of it, closed at the end.
    func withClient<Value>(
        _ change: (inout GRPCOptions) -> Void = { _ in }, _ body: (ClientProxy) async throws -> Value
    ) async throws -> Value {
        var options = GRPCOptions(port: port)
        change(&options)
        return try await Self.withClient(of: options, body)
    }

    static func withClient<Value>(
        of options: GRPCOptions, _ body: (ClientProxy) async throws -> Value
    ) async throws -> Value {
        var config = ClientConfig("test", transport: .grpc(options))
        config.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let client = try ClientProxy(config)
        do {
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }
}

/// The error of a call that should fail.
func failure(_ body: () async throws(TransportError) -> Void) async -> TransportError? {
    do throws(TransportError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
