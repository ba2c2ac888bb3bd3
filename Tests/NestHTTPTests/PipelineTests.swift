import NestHTTP
import NestTesting
import Synchronization
import Testing

private final class Trail: Sendable {
    let steps = Watched<[String]>([])
    func add(_ step: String) { steps.append(step) }
}

private struct Step: Guard, Interceptor, ExceptionFilter {
    let name: String
    let trail: Trail

    func canActivate(_ context: ExecutionContext) async throws -> Bool {
        trail.add("guard \(name) \(context.kind.rawValue) \(context.http?.routePath ?? "-")")
        return context.call.headers["x-refuse"] != name
    }

    func intercept(_ context: ExecutionContext, next: CallHandler) async throws -> HandlerResult {
        trail.add("before \(name)")
        let result = try await next()
        trail.add("after \(name)")
        return result
    }

    func `catch`(_ error: any Error, _ context: ExecutionContext) async throws -> HandlerResult {
        trail.add("filter \(name)")
        throw error
    }
}

private struct Doubling: Pipe {
    func transform<Value>(value: Value, _ context: ExecutionContext) async throws -> Value {
        (value as? Amount).map { Amount(amount: $0.amount * 2) } as? Value ?? value
    }
}

private struct Amount: Codable, Sendable, Validatable {
    var amount: Int

    func validate() throws {
        if amount < 0 { throw TransportError(.rejected, "amount must not be negative") }
    }
}

private let trail = Trail()
private let made = Atomic(0)

private struct Visit: Injectable {
    static var scope: Scope { .request }
    static var dependencies: [Dependency] { [Dependency(HTTPContext.self)] }
    let path: String
    let number: Int

    static func make(from resolver: Resolver) async throws -> Visit {
        let context: HTTPContext = try await resolver.resolve()
        return Visit(path: context.path, number: made.add(1, ordering: .relaxed).newValue)
    }
}

private struct Pipes: Controller {
    static func make(from resolver: Resolver) -> Pipes { Pipes() }
    static var enhancers: Enhancers {
        let step = Step(name: "controller", trail: trail)
        return Enhancers(
            guards: [GuardReference(step)], interceptors: [InterceptorReference(step)],
            filters: [FilterReference(step)])
    }
    static var handlers: [Handler<Pipes>] {
        let step = Step(name: "handler", trail: trail)
        let around = Enhancers(
            guards: [GuardReference(step)], interceptors: [InterceptorReference(step)],
            pipes: [PipeReference(ValidationPipe()), PipeReference(Doubling())], filters: [FilterReference(step)])
        return [
            .post("/pay/:id", name: "pay", enhancers: around) { (_, call: HTTPCall) async throws -> Amount in
                trail.add("handler")
                return try await call.body()
            },
            .get("/query", enhancers: around) { (_, call: HTTPCall) async throws -> Amount in
                try await call.queries()
            },
            .get("/visit") { (_, call: HTTPCall) async throws -> String in
                let (first, second): (Visit, Visit) = (
                    try await call.context.resolve(), try await call.context.resolve()
                )
                return "\(first.path) \(first.number == second.number)"
            },
        ]
    }
}

@Suite("Pipeline", .serialized) struct PipelineTests {
    private func run(_ body: (Web) async throws -> Void) async throws {
        trail.steps.update { $0 = [] }
        try await withWeb(
            Pipes.self, providers: [Provider(Visit.self)],
            configure: { app in
                let step = Step(name: "global", trail: trail)
                try app.useGlobalGuards(step).useGlobalInterceptors(step).useGlobalFilters(step)
            }, body)
    }

    @Test("guards, interceptors, pipes and the handler in their order")
    func order() async throws {
        try await run { web async throws in
            let answer = try await web.post("/pay/1", json: #"{"amount":4}"#)
            #expect(answer.status == 201 && answer.json["amount"] == 8)
            #expect(
                trail.steps.value == [
                    "guard global http /pay/:id", "guard controller http /pay/:id", "guard handler http /pay/:id",
                    "before global", "before controller", "before handler", "handler", "after handler",
                    "after controller", "after global",
                ])
        }
    }

    @Test("a guard that refuses is 403, through the filters from the inside out")
    func refused() async throws {
        try await run { web async throws in
            let answer = try await web.ask("POST", "/pay/1", headers: ["x-refuse: controller"], body: "{}")
            #expect(answer.status == 403 && answer["content-type"] == "application/problem+json")
            #expect(trail.steps.value.suffix(3) == ["filter handler", "filter controller", "filter global"])
        }
    }

    @Test("pipes see bodies and queries, and refuse them")
    func pipes() async throws {
        try await run { web async throws in
            #expect(try await web.get("/query?amount=3").json["amount"] == 6)
            let refused = try await web.get("/query?amount=-3")
            #expect(refused.status == 422 && refused.json["detail"] == "amount must not be negative")
            #expect(try await web.post("/pay/1", json: #"{"amount":}"#).status == 400)
        }
    }

    @Test("a request has its own objects, which can be given its context")
    func requestScope() async throws {
        try await run { web async throws in
            let before = made.load(ordering: .relaxed)
            #expect(try await web.get("/visit").body.hasPrefix("/visit"))
            #expect(try await web.get("/visit").status == 200)
            #expect(made.load(ordering: .relaxed) >= before + 2)
        }
    }
}

private struct Scoped: Controller {
    static var dependencies: [Dependency] { [Dependency(Visit.self)] }
    let visit: Visit

    static func make(from resolver: Resolver) async throws -> Scoped { Scoped(visit: try await resolver.resolve()) }
    static var handlers: [Handler<Scoped>] {
        [
            .get("/scoped/:id") { (scoped, call: HTTPCall) async throws -> String in
                let same: Visit = try await call.context.resolve()
                return "\(scoped.visit.path) \(same.number == scoped.visit.number)"
            }
        ]
    }
}

@Suite("Request scope") struct RequestScopeTests {
    @Test("a controller that depends on the request is made for each")
    func controllers() async throws {
        try await withWeb(Scoped.self, providers: [Provider(Visit.self)]) { web async throws in
            #expect(try await web.get("/scoped/1").body == "/scoped/1 true")
            #expect(try await web.get("/scoped/2").body == "/scoped/2 true")
        }
    }
}
