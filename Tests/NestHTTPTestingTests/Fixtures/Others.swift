import NestHTTPTesting
import Synchronization

@Controller("/counter")
actor Counter {
    private var count = 0

    @Post("/:by") func add(by: Int) -> Int {
        count += by
        return count
    }

    @Get("/name") nonisolated func name() -> String { "counter" }
}

@MainActor
@Controller("/screen")
final class Screen {
    private var lines: [String] = []

    @Post func print(@Body line: String, @Query times: Int = 1) -> [String] {
        lines += Array(repeating: line, count: times)
        return lines
    }
}

/// One for each request.
@Injectable(scope: .request)
final class Visit {
    private static let count = Atomic(0)
    let number = Visit.count.add(1, ordering: .relaxed).newValue
    let path: String

    init(context: HTTPContext) { path = context.path }
}

@Controller("/visits", scope: .request)
struct Visits {
    let visit: Visit
    let again: Visit

    @Get("/:id") func one(id: String) -> [String] {
        [visit.path, visit === again ? "same" : "other", "\(visit.number)"]
    }
}

struct TokenGuard: Guard {
    func canActivate(_ context: ExecutionContext) async throws -> Bool {
        context.http?.httpHeaders[.authorization] == "Bearer secret"
    }
}

@Controller("/events")
struct Events {
    @Sse("/:count") func numbered(count: Int, @Query event: String?) -> AsyncStream<ServerSentEvent> {
        AsyncStream { continuation in
            for number in 0..<count {
                continuation.yield(ServerSentEvent(data: "line\n\(number)", event: event, id: "\(number)"))
            }
            continuation.finish()
        }
    }

    @Sse("/orders") func orders() async throws -> some AsyncSequence<Order, Never> & Sendable {
        AsyncStream { continuation in
            continuation.yield(Order(id: 1, sku: "a"))
            continuation.finish()
        }
    }

    @Sse("/endless") func endless() -> AsyncStream<ServerSentEvent> {
        AsyncStream { ServerSentEvent(data: "tick") }
    }

    @Get("/lines") func lines() -> AsyncStream<Order> {
        AsyncStream { continuation in
            for id in 1...2 { continuation.yield(Order(id: id, sku: "x")) }
            continuation.finish()
        }
    }

    @UseGuards(TokenGuard()) @Get("/secret") @MessagePattern("events.secret") func secret() -> Bool { true }
}

@Module(
    providers: [Region.self, Visit.self, Provider.value("eu", named: "REGION")],
    controllers: [Orders.self, Moved.self, Counter.self, Screen.self, Visits.self, Events.self])
enum ShopModule {}
