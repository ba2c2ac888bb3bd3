import NIOCore
import NestTCP

struct Person: Codable, Sendable, Equatable {
    var name: String
    var age: Int
}

/// The handlers that tests talk to.
struct TestController: Controller {
    let gate: Gate

    static var dependencies: [Dependency] { [Dependency(Gate.self)] }

    static func make(from resolver: Resolver) async throws -> TestController {
        TestController(gate: try await resolver.resolve())
    }

    static var handlers: [Handler<TestController>] { requests + streams + events }

    private static var requests: [Handler<TestController>] {
        [
            .message("echo") { (_, payload: Payload, _) in payload },
            .message("echo.async") { (_, payload: Payload, _) async in payload },
            .message("person") { (_, person: Person, _) async in person },
            .message("yield") { (_, payload: Payload, _) async in
                await Task.yield()
                return payload
            },
            .message("gate") { (controller, payload: Payload, _) async throws in
                try await controller.gate.pass()
                return payload
            },
            .message("blocking", options: HandlerOptions(blocking: true)) { (_, payload: Payload, _) async in payload },
            .message("big") { (_, size: Int, _) in String(repeating: "x", count: size) },
            .message("lines") { (_, _: NoPayload, _) throws in try Payload(json: "[\n1,\r\n2]") },
            .message("fail") { (_, _: NoPayload, _) async throws -> Int in
                throw TransportError(.init(rawValue: "not_found"), "not found", details: ["code": 404])
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
                    stream.onTermination = { _ in controller.gate.note("terminated") }
                    stream.yield(1)
                }
            },
            .message("stubborn") { (controller, _: NoPayload, _) in
                AsyncStream<Int> { stream in
                    stream.onTermination = { _ in controller.gate.note("terminated") }
                    for number in 0..<1_000 { stream.yield(number) }
                }
            },
            .message("texts") { (controller, _: NoPayload, _) in
                AsyncStream<String>(unfolding: {
                    controller.gate.note("")
                    return String(repeating: "x", count: 4_000)
                })
            },
            .message("broken") { (_, _: NoPayload, _) in
                AsyncThrowingStream<Int, any Error> { stream in
                    stream.yield(1)
                    stream.finish(throwing: TransportError(.rejected, "enough"))
                }
            },
        ]
    }

    private static var events: [Handler<TestController>] {
        [
            .event("note") { (controller, text: String, _) in controller.gate.note(text) },
            .event("note.gate") { (controller, text: String, _) async throws in
                try await controller.gate.pass()
                controller.gate.note(text)
            },
        ]
    }
}

enum TestModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata(controllers: [TestController.self]) }
}

/// A running service on a free port.
struct TestService: Sendable {
    let app: Microservice
    let gate: Gate
    let port: Int

    /// Starts one, gives it to `body`, and shuts it down.
    static func run<Value>(
        _ options: TCPOptions = TCPOptions(port: 0), maxInFlight: Int = 1_024,
        group: (any EventLoopGroup)? = nil, _ body: (TestService) async throws -> Value
    ) async throws -> Value {
        let service = try await start(options, maxInFlight: maxInFlight, group: group)
        do {
            let value = try await body(service)
            service.gate.open()
            await service.app.close()
            return value
        } catch {
            service.gate.open()
            await service.app.close()
            throw error
        }
    }

    static func start(
        _ options: TCPOptions = TCPOptions(port: 0), maxInFlight: Int = 1_024,
        shutdownTimeout: Duration = .seconds(10), group: (any EventLoopGroup)? = nil
    ) async throws -> TestService {
        let gate = Gate()
        var settings = MicroserviceOptions(name: "test")
        settings.maxInFlight = maxInFlight
        settings.shutdownTimeout = shutdownTimeout
        settings.startup = .failFast
        settings.eventLoopGroup = group
        settings.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let app = try await NestFactory.createMicroservice(
            TestModule.self, transport: .tcp(options),
            modules: [
                DynamicModule(Gates.self, providers: [.value(gate)], exports: [ModuleExport(Gate.self)], isGlobal: true)
            ],
            options: settings)
        try await app.start()
        return TestService(app: app, gate: gate, port: app.endpoints.first?.port ?? 0)
    }

    private enum Gates: Module {
        static var metadata: ModuleMetadata { ModuleMetadata() }
    }

    /// A client of it, closed at the end.
    func withClient<Value>(
        _ change: (inout TCPOptions) -> Void = { _ in }, _ body: (ClientProxy) async throws -> Value
    ) async throws -> Value {
        var options = TCPOptions(port: port)
        change(&options)
        let client = try ClientProxy(.tcp(options))
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

/// A request line as revision 1 writes it.
func line(_ id: Int, _ pattern: String, _ payload: String, headers: String? = nil, kind: String = "send") -> String {
    let headers = headers.map { #","headers":{\#($0)}"# } ?? ""
    return #"{"id":"\#(id)","kind":"\#(kind)","pattern":"\#(pattern)","payload":\#(payload)\#(headers)}"# + "\n"
}
