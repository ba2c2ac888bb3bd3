import Nest
import NestTesting

// Controllers of every kind of type, with handlers of every shape. That they compile without a warning is half the test.

/// What handlers of events have done, in order.
typealias Log = Watched<[String]>

struct Failure: Error {}

@Controller
struct Shapes {
    @MessagePattern("shapes.payload") func payload(_ number: Int) -> Int { number + 1 }
    @MessagePattern("shapes.both") func both(_ number: Int, _ context: MessageContext) async throws -> String {
        "\(context.pattern) \(number)"
    }
    @MessagePattern("shapes.context.*") func context(in context: MessageContext) throws -> [String] { context.captures }
    @MessagePattern("shapes.none") func none() async -> Bool { true }
    @MessagePattern("shapes.labels")
    private func labels(in context: MessageContext, `default` number: consuming Int) -> Int { number }
    @MessagePattern("shapes.optional") fileprivate func `default`(for numbers: sending [Int]?) -> Int {
        numbers?.count ?? -1
    }
    @MessagePattern("shapes.unwrapped") func unwrapped(number: Int!) -> Int { number ?? -1 }
    @MessagePattern("shapes.nothing") func nothing(_ number: Int) {}
    @MessagePattern("shapes.void") func void() -> Void {}
    @MessagePattern("shapes.failing") func failing(_ number: Int) throws(TransportError) -> Int {
        throw TransportError(.rejected, "not \(number)")
    }
    @MessagePattern("shapes.bytes") func bytes(_ payload: Payload) -> Payload { payload }
    @MessagePattern(["cmd": "sum", "v": 2]) func sum(_ numbers: [Int]) -> Int { numbers.reduce(0, +) }
    @MessagePattern("shapes.one") @MessagePattern("shapes.two") func two() -> Int { 2 }
    @Blocking @MessagePattern("shapes.blocking") func blocking(_ number: Int) -> Int { number }

    @MessagePattern("shapes.rows") func rows(_ count: Int) -> AsyncStream<Int> {
        AsyncStream { continuation in
            for row in 0..<count { continuation.yield(row) }
            continuation.finish()
        }
    }

    @MessagePattern("shapes.opaque") func opaque() async throws -> some AsyncSequence<Int, Never> & Sendable { rows(2) }
}

@Controller
final class Orders {
    private let log: Log
    @Inject("REGION") let region: String
    private let missing: Failing?

    @MessagePattern(CreateOrder.self)
    func create(_ order: CreateOrder) async throws -> CreateOrder.Reply {
        OrderCreated(id: order.quantity, sku: "\(region) \(order.sku)")
    }

    @EventPattern(OrderCreated.self) func created(_ order: OrderCreated) { log.update { $0.append(order.sku) } }
    @EventPattern("order.>") func anything(_ context: MessageContext) async throws {
        log.update { $0.append(context.pattern) }
    }
    @EventPattern("order.created") private func count() { log.update { $0.append("count") } }
    @EventPattern("order.created", broadcast: true) func everywhere(order: OrderCreated, context: MessageContext) {
        log.update { $0.append("broadcast") }
    }
}

@Controller
actor Counter {
    private var count = 0

    @MessagePattern("counter.add") private func add(_ number: Int) -> Int {
        count += number
        return count
    }
    @MessagePattern("counter.fail") func fail() throws -> Int { throw Failure() }
    @MessagePattern("counter.name") nonisolated func name() -> String { "counter" }
}

@MainActor
@Controller
final class Screen {
    private var lines: [String] = []
    private let log: Log

    init(log: Log) async throws {
        await Task.yield()
        self.log = log
    }

    @MessagePattern("screen.print") func print(_ line: String) -> [String] {
        lines.append(line)
        return lines
    }
    @MessagePattern("screen.clear") func clear() async { lines = [] }
    @MessagePattern("screen.size") nonisolated func size() -> Int { 80 }
}

@Controller(scope: .request)
struct Mixed {
    @MainActor @MessagePattern("mixed.main") func main() -> Bool { true }
    @MessagePattern("mixed.plain") func plain() -> Bool { false }
}

@Injectable struct Failing {
    init() throws { throw Failure() }
}

@Module(
    providers: [
        Provider.factory { Log([]) }, Provider.value("eu", named: "REGION"), Cache<String>.self, Clock.self,
        Provider.type(SystemTime.self, as: (any TimeSource).self), Desk.self, Mailer.self, Wall.self, Suffix.self,
    ],
    controllers: [Shapes.self, Orders.self, Counter.self, Screen.self, Mixed.self, Guarded.self],
    exports: [Log.self])
enum MacrosModule {}
