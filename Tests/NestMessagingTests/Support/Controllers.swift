import NIOCore
import NestTesting

@testable import NestMessaging

/// What the test's handlers have done.
final class DeskLog: Sendable {
    let lines = Watched<[String]>([])
    let made = Watched(0)
}

struct Desk: Controller {
    let log: DeskLog

    static var dependencies: [Dependency] { [Dependency(DeskLog.self)] }
    static func make(from resolver: Resolver) async throws -> Desk { Desk(log: try await resolver.resolve()) }

    static var handlers: [Handler<Desk>] {
        [
            .message("desk.exact") { (_, _: NoPayload, _) in "exact" },
            .message("desk.*") { (_, _: NoPayload, context) in context.captures },
            .message("desk.>") { (_, _: NoPayload, context) in context.captures },
            .message(["cmd": "x", "a": 2]) { (_, _: NoPayload, _) in 7 },
            .message("desk.async") { (_, _: NoPayload, _) async in true },
            .message("desk.blocking", options: HandlerOptions(blocking: true)) { (_, _: NoPayload, _) in true },
            .message("desk.typed") { (_, number: Int, _) in number },
            .message("desk.note") { (desk, _: NoPayload, _) in desk.log.lines.append("note") },
            .message("desk.noteLater") { (desk, _: NoPayload, _) async in desk.log.lines.append("later") },
            .message("desk.inherited") { (_, _: NoPayload, _) async in InheritedCall.deadline?.uptimeNanoseconds ?? 0 },
            .message("desk.numbers") { (_, count: Int, _) in
                AsyncStream<Int> { stream in
                    for number in 0..<count { stream.yield(number + 1) }
                    stream.finish()
                }
            },
            .event("told.x") { (desk, _: NoPayload, _) in desk.log.lines.append("first") },
            .event("told.x") { (desk, _: NoPayload, _) async in desk.log.lines.append("second") },
            .event("told.bad") { (_, _: NoPayload, _) async throws in throw Surprise() },
            .event("told.*") { (desk, _: NoPayload, context) in
                desk.log.lines.append("star \(context.captures.joined())")
            },
        ]
    }
}

struct Loudspeaker: Controller {
    let log: DeskLog

    static var dependencies: [Dependency] { [Dependency(DeskLog.self)] }
    static func make(from resolver: Resolver) async throws -> Loudspeaker {
        Loudspeaker(log: try await resolver.resolve())
    }

    static var handlers: [Handler<Loudspeaker>] {
        [
            .event("told.y", options: HandlerOptions(broadcast: true)) { (speaker, _: NoPayload, _) in
                speaker.log.lines.append("loud")
            }
        ]
    }
}

/// Answers whatever is asked, and takes whatever is told.
struct CatchAll: Controller {
    static func make(from resolver: Resolver) -> CatchAll { CatchAll() }

    static var handlers: [Handler<CatchAll>] {
        [
            .message(">") { (_, _: NoPayload, context) in context.pattern },
            .event("told.>") { (_, _: NoPayload, _) in },
        ]
    }
}

struct Ponger: Controller {
    static func make(from resolver: Resolver) -> Ponger { Ponger() }
    static var handlers: [Handler<Ponger>] { [.message("nest.ping") { (_, _: NoPayload, _) in "pong" }] }
}

struct Twin: Controller {
    static func make(from resolver: Resolver) -> Twin { Twin() }
    static var handlers: [Handler<Twin>] { [.message("desk.exact") { (_, _: NoPayload, _) in 1 }] }
}

struct PerMessage: Controller {
    let number: Int

    static var scope: Scope { .request }
    static var dependencies: [Dependency] { [Dependency(DeskLog.self)] }
    static func make(from resolver: Resolver) async throws -> PerMessage {
        PerMessage(number: try await resolver.resolve(DeskLog.self).made.increment())
    }

    static var handlers: [Handler<PerMessage>] { [.message("mine") { (mine, _: NoPayload, _) in mine.number }] }
}

/// A guard, an interceptor, a pipe and a filter in one, that say when they were there.
struct Named: Guard, Interceptor, Pipe, ExceptionFilter {
    let name: String
    let log: DeskLog

    init(_ name: String, _ log: DeskLog) {
        self.name = name
        self.log = log
    }

    func canActivate(_ context: ExecutionContext) async throws -> Bool {
        log.lines.append("\(name) guard")
        return context.message?.payload != (try Payload(json: "0"))
    }

    func intercept(_ context: ExecutionContext, next: CallHandler) async throws -> HandlerResult {
        log.lines.append("\(name) before")
        defer { log.lines.append("\(name) after") }
        return try await next.handle()
    }

    func transform(payload: Payload, _ context: ExecutionContext) async throws -> Payload {
        log.lines.append("\(name) bytes")
        return name == "handler" ? try Payload(json: "2") : payload
    }

    func transform<Value>(value: Value, _ context: ExecutionContext) async throws -> Value {
        log.lines.append("\(name) value")
        guard name == "handler", let number = value as? Int, let changed = (number + 1) as? Value else { return value }
        return changed
    }

    func `catch`(_ error: any Error, _ context: ExecutionContext) async throws -> HandlerResult {
        log.lines.append("\(name) filter")
        if name == "controller", error is Surprise { throw TransportError("filtered_by_controller", "Surprise") }
        throw error
    }
}

/// Answers without asking the handler.
struct Cached: Interceptor {
    func intercept(_ context: ExecutionContext, next: CallHandler) async throws -> HandlerResult {
        try .encoding("cached")
    }
}

struct Person: Codable, Sendable, Validatable {
    var age: Int

    struct Negative: Error, CustomStringConvertible {
        var description: String { "age must not be negative" }
    }

    func validate() throws {
        if age < 0 { throw Negative() }
    }
}

struct Guarded: Controller {
    let log: DeskLog

    static var dependencies: [Dependency] { [Dependency(DeskLog.self)] }
    static func make(from resolver: Resolver) async throws -> Guarded { Guarded(log: try await resolver.resolve()) }

    static var enhancers: Enhancers { around(Controllers.self) }

    private static func around<Marker: EnhancerMarker>(_ type: Marker.Type) -> Enhancers {
        Enhancers(
            guards: [GuardReference(LoggedEnhancer<Marker>.self)],
            interceptors: [InterceptorReference(LoggedEnhancer<Marker>.self)],
            pipes: [PipeReference(LoggedEnhancer<Marker>.self)],
            filters: [FilterReference(LoggedEnhancer<Marker>.self)])
    }

    static var handlers: [Handler<Guarded>] {
        [
            .message("guarded.ok", enhancers: around(Handlers.self)) { (_, number: Int, _) in number },
            .message("guarded.fails", enhancers: around(Handlers.self)) { (_, _: Int, _) throws -> Int in
                throw Surprise()
            },
            .message("guarded.cached", enhancers: Enhancers(interceptors: [InterceptorReference(Cached())])) {
                (_, _: Int, _) in "made"
            },
            .message("guarded.valid", enhancers: Enhancers(pipes: [PipeReference(ValidationPipe())])) {
                (_, person: Person, _) in person.age
            },
        ]
    }
}

protocol EnhancerMarker: Sendable {
    static var name: String { get }
}

enum Controllers: EnhancerMarker {
    static let name = "controller"
}

enum Handlers: EnhancerMarker {
    static let name = "handler"
}

/// A ``Named`` that the container makes.
struct LoggedEnhancer<Marker: EnhancerMarker>: Injectable, Guard, Interceptor, Pipe, ExceptionFilter {
    let named: Named

    static var dependencies: [Dependency] { [Dependency(DeskLog.self)] }
    static func make(from resolver: Resolver) async throws -> LoggedEnhancer {
        LoggedEnhancer(named: Named(Marker.name, try await resolver.resolve()))
    }

    func canActivate(_ context: ExecutionContext) async throws -> Bool { try await named.canActivate(context) }

    func intercept(_ context: ExecutionContext, next: CallHandler) async throws -> HandlerResult {
        try await named.intercept(context, next: next)
    }

    func transform(payload: Payload, _ context: ExecutionContext) async throws -> Payload {
        try await named.transform(payload: payload, context)
    }

    func transform<Value>(value: Value, _ context: ExecutionContext) async throws -> Value {
        try await named.transform(value: value, context)
    }

    func `catch`(_ error: any Error, _ context: ExecutionContext) async throws -> HandlerResult {
        try await named.catch(error, context)
    }
}
