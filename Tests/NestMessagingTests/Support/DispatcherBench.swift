import NIOCore
import NestTesting
import ServiceLifecycle

@testable import NestMessaging

/// A transport that carries nothing: it lets the test have the dispatcher that a transport would be given.
struct DispatcherCapture: Transport {
    let guarantees: Guarantees
    let dispatcher = Watched<MessageDispatcher?>(nil)

    var name: String { "capture" }

    func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        self.dispatcher.update { $0 = dispatcher }
        return IdleServer()
    }

    func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        throw TransportError(.unsupported, "a capture has no clients")
    }
}

private struct IdleServer: MicroserviceServer {
    private let stopped = Gate()
    var endpoint: Endpoint? { nil }

    func start() async throws(TransportError) {}

    func run() async throws { _ = await cancelWhenGracefulShutdown { try? await stopped.pass() } }

    func health() async -> HealthStatus { .up() }
}

enum BenchModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}

/// Runs `body` with the dispatcher of a service that has these controllers.
func withDispatcher(
    _ controllers: [any Injectable.Type], providers: [Provider] = [], guarantees: Guarantees = [.events],
    options: MicroserviceOptions = MicroserviceOptions(), settings: (Microservice) throws -> Void = { _ in },
    _ body: (MessageDispatcher) async throws -> Void
) async throws {
    let capture = DispatcherCapture(guarantees: guarantees)
    var options = options
    options.logger = options.logger ?? Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
    let parts = DynamicModule(BenchModule.self, providers: providers, controllers: controllers)
    let app = try await NestFactory.createMicroservice(
        BenchModule.self, transport: capture, modules: [parts], options: options)
    try settings(app)
    try await app.start()
    do {
        guard let dispatcher = capture.dispatcher.value else { throw TransportError("no_dispatcher", "none was made") }
        try await body(dispatcher)
        await app.close()
    } catch {
        await app.close()
        throw error
    }
}

extension IncomingMessage {
    static func send(_ pattern: String, _ payload: String = "null", headers: MessageHeaders = [:]) -> IncomingMessage {
        IncomingMessage(kind: .send, pattern: pattern, payload: .text(payload), headers: headers)
    }

    static func emit(_ pattern: String, _ payload: String = "null", headers: MessageHeaders = [:]) -> IncomingMessage {
        IncomingMessage(kind: .emit, pattern: pattern, payload: .text(payload), headers: headers)
    }
}

extension Payload {
    static func text(_ json: String) -> Payload { Payload(trusted: ByteBuffer(string: json)) }
}

extension Outcome {
    /// An outcome as one line.
    var line: String {
        switch self {
        case .reply(.success(let payload)): "reply \(payload)"
        case .reply(.failure(let error)): "fail \(error.code): \(error.message)"
        case .replyAndDeadLetter(.success(let payload), let letter): "reply \(payload), dead \(letter.reason.rawValue)"
        case .replyAndDeadLetter(.failure(let error), let letter): "fail \(error.code), dead \(letter.reason.rawValue)"
        case .stream: "stream"
        case .done: "done"
        case .retry(let delay, let error): "retry \(delay) \(error.code)"
        case .deadLetter(let letter): "dead \(letter.reason.rawValue)"
        }
    }
}

/// An error nobody expects.
struct Surprise: Error, CustomStringConvertible {
    var description: String { "a secret" }
}
