import Hummingbird

extension Item: ResponseEncodable {}

/// As Hummingbird's own guides write it.
enum DirectServer {
    static func run(port: Int) async throws {
        let router = Router()
        router.get("item") { _, _ in Item.made(1) }
        router.get("items/:id") { _, context in Item.made(try context.parameters.require("id", as: Int.self)) }
        router.post("items") { request, context in try await request.decode(as: Item.self, context: context) }
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { announce($0.localAddress?.port) })
        try await app.runService()
    }
}
