import NestMessaging

/// Handlers that give back what they are given, one way or another.
struct EchoController: Controller {
    let state: PeerState

    static var dependencies: [Dependency] { [Dependency(PeerState.self)] }

    static func make(from resolver: Resolver) async throws -> EchoController {
        EchoController(state: try await resolver.resolve())
    }

    static var handlers: [Handler<EchoController>] {
        [
            .message("echo") { (_, payload: Payload, _) in payload },
            .message("echo.typed") { (_, payload: TypedEcho, _) in payload },
            .message("echo.message") { (_, payload: MessageEcho, _) in payload },
            .message("math.sum") { (_, numbers: [Double], _) in numbers.reduce(0, +) },
            .message("null") { (_, _: NoPayload, _) in },
            .message("headers") { (_, _: NoPayload, context) in
                Dictionary(context.headers.map { ($0.name, $0.value) }) { _, last in last }
            },
            .message("whoami") { (echo, _: NoPayload, _) in echo.state.id },
            .message("count") { (_, count: Count, _) in AsyncStream(count: count.n) },
        ]
    }
}

extension AsyncStream<Int> {
    /// The numbers from 1 to `count`, made one by one as they are asked for.
    fileprivate init(count: Int) {
        let numbers = Numbers(upTo: count)
        self.init { await numbers.next() }
    }
}

private actor Numbers {
    private var last = 0
    private let count: Int

    init(upTo count: Int) { self.count = count }

    func next() -> Int? {
        guard last < count else { return nil }
        last += 1
        return last
    }
}
