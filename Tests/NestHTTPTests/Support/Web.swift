import NestHTTP
import NestTesting
import Testing

/// An application under test, on a free port.
struct Web: Sendable {
    let app: NestApplication
    let port: Int

    func connect() async throws -> Peer { try await Peer.connect(to: port) }

    func ask(
        _ method: String, _ path: String, headers: [String] = [], body: String? = nil
    ) async throws -> Answer {
        try await connect().ask(method, path, headers: headers, body: body)
    }

    func get(_ path: String, headers: [String] = []) async throws -> Answer {
        try await ask("GET", path, headers: headers)
    }

    func post(_ path: String, json: String) async throws -> Answer {
        try await ask("POST", path, headers: ["content-type: application/json"], body: json)
    }
}

/// Runs a test against an application with this controller.
func withWeb<C: Controller>(
    _ controller: C.Type, providers: [Provider] = [], exports: [ModuleExport] = [],
    options: HTTPOptions = HTTPOptions(),
    configure: (NestApplication) throws -> Void = { _ in }, _ body: (Web) async throws -> Void
) async throws {
    let module = DynamicModule(
        EmptyModule.self, providers: providers, controllers: [controller], exports: exports)
    var options = options
    options.port = 0
    let app = try await NestFactory.create(EmptyModule.self, modules: [module], options: options)
    try configure(app)
    try await app.start()
    do {
        try await body(Web(app: app, port: try #require(app.endpoints.first?.port)))
        await app.close()
    } catch {
        await app.close()
        throw error
    }
}

enum EmptyModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}
