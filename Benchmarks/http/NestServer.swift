import NestHTTP

struct Items: Controller {
    static var path: String { "/" }
    static func make(from resolver: Resolver) -> Items { Items() }
    static var handlers: [Handler<Items>] {
        [
            .get("/item") { (_, _: HTTPCall) async in Item.made(1) },
            .get("/items/:id") { (_, call: HTTPCall) async throws in Item.made(try call.param("id", as: Int.self)) },
            .post("/items") { (_, call: HTTPCall) async throws in try await call.body(as: Item.self) },
        ]
    }
}

enum ItemsModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata(controllers: [Items.self]) }
}

/// The same on this framework.
enum NestServer {
    static func run(port: Int) async throws {
        let app = try await NestFactory.create(ItemsModule.self, options: HTTPOptions(port: port))
        try await app.start()
        announce(app.endpoints.first?.port)
        try await app.listen()
    }
}
