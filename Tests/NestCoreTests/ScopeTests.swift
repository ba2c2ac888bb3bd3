import Logging
import NestCore
import Testing

@Suite("Scopes") struct ScopeTests {
    /// What a message would bring.
    struct Message: Sendable { var id: Int }

    final class Session: Injectable {
        let message: Message
        init(_ message: Message) { self.message = message }

        static var dependencies: [Dependency] { [Dependency(Message.self)] }
        static func make(from resolver: Resolver) async throws -> Session { Session(try await resolver.resolve()) }
    }

    final class Desk: Injectable {
        let session: Session
        init(_ session: Session) { self.session = session }

        static var dependencies: [Dependency] { [Dependency(Session.self)] }
        static func make(from resolver: Resolver) async throws -> Desk { Desk(try await resolver.resolve()) }
    }

    @Test("a singleton is one") func singleton() async throws {
        try await withPart([Provider(Thing.self), Provider(Holder.self)]) { part in
            let thing: Thing = try part.get()
            try #expect(part.get(Holder.self).thing === thing)
            try await #expect(part.resolve(Thing.self) === thing)
        }
    }

    @Test("a transient is another for each that needs it") func transient() async throws {
        let one = Provider.type(Holder.self, named: "one")
        let two = Provider.type(Holder.self, named: "two")
        try await withPart([.type(Thing.self, scope: .transient), one, two]) { part in
            let holders = try ["one", "two"].map { try part.get(Holder.self, named: $0) }
            #expect(holders[0].thing !== holders[1].thing)
            try await #expect(part.resolve(Thing.self) !== holders[0].thing)
            await #expect(code { _ = try part.get(Thing.self) } == .wrongScope)
        }
    }

    @Test("a request has its own objects, shared inside it") func request() async throws {
        try await withScopes { app, part, scope in
            let first = scope(1)
            let second = scope(2)
            let desk: Desk = try await first.resolve()
            try await #expect(first.resolve(Session.self) === desk.session)
            try await #expect(second.resolve(Session.self) !== desk.session)
            #expect(desk.session.message.id == 1)
            try await #expect(second.resolve(Desk.self).session.message.id == 2)
        }
    }

    @Test("a request's objects share the singletons") func requestUsesSingletons() async throws {
        try await withScopes { _, part, scope in
            let thing = try part.get(Thing.self)
            try await #expect(scope(1).resolve(Thing.self) === thing)
        }
    }

    @Test("what depends on a request lives no longer, whatever it declares") func bubbling() async throws {
        try await withScopes { app, part, scope in
            await #expect(code { _ = try part.get(Desk.self) } == .wrongScope)
            #expect(app.controllers.map(\.isRequestScoped) == [true, false])
            let desk = try await app.controller(app.controllers[0], in: scope(3)) as? Desk
            #expect(desk?.session.message.id == 3)
            await #expect(code { _ = try await app.controller(app.controllers[0], in: nil) } == .wrongScope)
        }
    }

    @Test("an alias is the same object, of the same scope") func aliases() async throws {
        let providers: [Provider] = [
            Provider(Thing.self), .alias(Thing.self, named: "same", to: Thing.self),
            .type(Thing.self, named: "new", scope: .transient),
            .alias(Thing.self, named: "also new", to: Thing.self, named: "new"),
            .alias(Thing.self, named: "far", to: Thing.self, named: "same"),
        ]
        try await withPart(providers) { part in
            let thing = try part.get(Thing.self)
            try #expect(part.get(Thing.self, named: "same") === thing)
            try #expect(part.get(Thing.self, named: "far") === thing)
            await #expect(code { _ = try part.get(Thing.self, named: "also new") } == .wrongScope)
            let new = try await part.resolve(Thing.self, named: "also new")
            try await #expect(part.resolve(Thing.self, named: "also new") !== new)
        }
    }

    @Test("an alias of a request's object is one") func aliasOfRequest() async throws {
        try await withScopes([.alias(Session.self, named: "mine", to: Session.self)]) { _, part, scope in
            let one = scope(1)
            let session = try await one.resolve(Session.self)
            try await #expect(one.resolve(Session.self, named: "mine") === session)
            await #expect(code { _ = try part.get(Session.self, named: "mine") } == .wrongScope)
        }
    }

    @Test("what depends on it through an alias is request-scoped too") func aliasBubbles() async throws {
        let reader = Provider.factory(dependencies: [Dependency(Session.self, named: "mine")]) { resolver in
            try await resolver.resolve(Session.self, named: "mine").message.id
        }
        try await withScopes([.alias(Session.self, named: "mine", to: Session.self), reader]) { _, part, scope in
            await #expect(code { _ = try part.get(Int.self) } == .wrongScope)
            try await #expect(scope(5).resolve(Int.self) == 5)
        }
    }

    @Test("a transient inside a request is another each time and sees the request") func transientInRequest()
        async throws
    {
        try await withScopes([.type(Desk.self, named: "own", scope: .transient)]) { _, _, scope in
            let one = scope(1)
            let desks = [
                try await one.resolve(Desk.self, named: "own"), try await one.resolve(Desk.self, named: "own"),
            ]
            #expect(desks[0] !== desks[1])
            #expect(desks[0].session === desks[1].session)
        }
    }

    @Test("a request's value is nowhere else") func outside() async throws {
        try await withScopes { app, part, _ in
            let error = await #expect(throws: ApplicationError.self) { try await part.resolve(Desk.self) }
            #expect(error?.code == .wrongScope)
            #expect(
                error?.message == "Message lives for one message or request, and Session is asked for outside of one")
            await #expect(code { _ = try await app.resolve(Message.self) } == .wrongScope)
            await #expect(code { _ = try await part.resolve(Message.self) } == .wrongScope)
        }
    }

    @Test("outside of requests each resolve is a scope of its own") func resolveMakesScope() async throws {
        try await withPart([.type(Thing.self, scope: .request), Provider(Holder.self)]) { part in
            let one = try await part.resolve(Holder.self)
            try await #expect(part.resolve(Holder.self) !== one)
        }
    }

    @Test("a singleton cannot take a request's object behind the container's back") func undeclared() async throws {
        let sneaky = Provider.factory(dependencies: []) { resolver in try await resolver.resolve(Thing.self).hash }
        let error = await #expect(throws: ApplicationError.self) {
            try await withPart([.type(Thing.self, scope: .request), sneaky]) { _ in }
        }
        #expect(error?.code == .wrongScope)
        #expect(error?.message == "Thing lives for one message or request, and Int is asked for outside of one")
    }

    @Test("a value that knows its scope does not keep it alive") func noCircle() async throws {
        try await withScopes { app, part, _ in
            weak var session: ContextHolder?
            do {
                let scope = CallScope(container: app, module: part.module)
                scope.seed { Context(scope: $0) }
                let holder = ContextHolder(try await scope.resolve())
                session = holder
                scope.seed(holder)
                let thing = try part.get(Thing.self)
                try await #expect(holder.context.scope.resolve(Thing.self) === thing)
                try await #expect(holder.context.scope.resolve(ContextHolder.self) === holder)
            }
            #expect(session == nil)
        }
    }

    @Test("what asks a scope that is over is told so") func over() async throws {
        try await withScopes { app, part, scope in
            let context: Context
            do {
                let scope = CallScope(container: app, module: part.module)
                scope.seed(Message(id: 1))
                scope.seed { Context(scope: $0) }
                context = try await scope.resolve()
                _ = try await context.scope.resolve(Session.self)
            }
            await #expect(code { _ = try await context.scope.resolve(Session.self) } == .closed)
        }
    }

    struct Context: Sendable { let scope: CallScope }

    final class ContextHolder: Sendable {
        let context: Context
        init(_ context: Context) { self.context = context }
    }

    /// An application whose requests bring a `Message`, and a function that makes the scope of one.
    private func withScopes(
        _ more: [Provider] = [],
        _ body: (ApplicationContext, ModuleRef, (Int) -> CallScope) async throws -> Void
    ) async throws {
        let part = Part.with(
            [Provider(Session.self), Provider(Desk.self), Provider(Thing.self)] + more,
            controllers: [Desk.self, Holder.self])
        let graph = ApplicationGraph(
            root: Root.self, modules: [part], requestValues: [Message.self], logger: Logger(label: "test"))
        let app = try await graph.makeContext()
        let seen = try app.select(part)
        try await body(app, seen) { id in
            let scope = CallScope(container: app, module: seen.module)
            scope.seed(Message(id: id))
            return scope
        }
        await app.close()
    }
}

extension Thing {
    var hash: Int { ObjectIdentifier(self).hashValue }
}
