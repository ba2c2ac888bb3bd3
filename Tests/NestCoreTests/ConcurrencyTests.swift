import Testing

@testable import NestCore

@Suite("Asked for by many at once") struct ConcurrencyTests {
    @Test("a singleton is made once") func singleton() async throws {
        let made = Journal()
        let costly = Provider.factory {
            made.note("made")
            await Task.yield()
            return Thing()
        }
        let crowd = Provider.factory(dependencies: []) { resolver in
            try await withThrowingTaskGroup { group in
                for _ in 0..<1_000 { group.addTask { try await resolver.resolve(Thing.self) } }
                var things: Set<ObjectIdentifier> = []
                for try await thing in group { things.insert(ObjectIdentifier(thing)) }
                return things.count
            }
        }
        // The crowd does not declare what it needs and comes first.
        try await withPart([crowd, costly]) { part in try #expect(part.get(Int.self) == 1) }
        #expect(made.count("made") == 1)
    }

    @Test("a request's object is made once for each request") func request() async throws {
        let made = Journal()
        let costly = Provider.factory(scope: .request) {
            made.note("made")
            await Task.yield()
            return Thing()
        }
        try await withPart([costly]) { part in
            let scopes = (0..<10).map { _ in CallScope(container: part.context, module: part.module) }
            let things = try await withThrowingTaskGroup { group in
                for index in 0..<1_000 { group.addTask { try await scopes[index % 10].resolve(Thing.self) } }
                var things: [Thing] = []
                for try await thing in group { things.append(thing) }
                return things
            }
            #expect(Set(things.map { ObjectIdentifier($0) }).count == 10)
            #expect(made.count("made") == 10)
        }
    }

    @Test("a failing factory fails for all who wait") func failure() async throws {
        let gate = Gate()
        let made = Journal()
        let failing = Provider.factory(scope: .request) { () -> Thing in
            made.note("made")
            await gate.pass()
            throw Failure()
        }
        try await withPart([failing]) { part in
            let scope = CallScope(container: part.context, module: part.module)
            async let first = code(of: Failure.self) { _ = try await scope.resolve(Thing.self) }
            await gate.arrival()
            async let second = code(of: Failure.self) { _ = try await scope.resolve(Thing.self) }
            gate.open()
            let failed = await [first, second]
            #expect(failed == [true, true])
        }
    }

    struct Failure: Error {}

    @Test("a waiter who is cancelled leaves the others alone") func cancelledWaiter() async throws {
        let gate = Gate()
        let slow = Provider.factory(scope: .request) {
            await gate.pass()
            return Thing()
        }
        try await withPart([slow]) { part in
            let scope = CallScope(container: part.context, module: part.module)
            let first = Task { try await scope.resolve(Thing.self) }
            await gate.arrival()
            let second = Task { try await scope.resolve(Thing.self) }
            second.cancel()
            await #expect(code(of: CancellationError.self) { _ = try await second.value })
            gate.open()
            let thing = try await first.value
            try await #expect(scope.resolve(Thing.self) === thing)
        }
    }

    @Test("a maker who is cancelled leaves it to the next") func cancelledMaker() async throws {
        let gate = Gate()
        let made = Journal()
        let slow = Provider.factory(scope: .request) {
            made.note("made")
            if made.count("made") == 1 {
                await gate.pass()
                try Task.checkCancellation()
            }
            return Thing()
        }
        try await withPart([slow]) { part in
            let scope = CallScope(container: part.context, module: part.module)
            let first = Task { try await scope.resolve(Thing.self) }
            await gate.arrival()
            let second = Task { try await scope.resolve(Thing.self) }
            first.cancel()
            gate.open()
            await #expect(code(of: CancellationError.self) { _ = try await first.value })
            let thing = try await second.value
            try await #expect(scope.resolve(Thing.self) === thing)
            #expect(made.count("made") == 2)
        }
    }

    @Test("things that need each other undeclared are found out") func circular() async throws {
        let error = await #expect(throws: ApplicationError.self) {
            try await withPart([
                .factory(dependencies: []) { resolver in Int(try await resolver.resolve(UInt.self)) },
                .factory(dependencies: []) { resolver in UInt(try await resolver.resolve(Int.self)) },
            ]) { _ in }
        }
        #expect(error?.code == .circular)
        #expect(error?.message == "each needs the next to be made: Int → UInt → Int")
    }

    @Test("a transient that needs itself undeclared is found out") func circularTransient() async throws {
        let providers = [
            Provider.factory(scope: .transient, dependencies: []) { resolver in
                Int(try await resolver.resolve(Int.self))
            }
        ]
        try await withPart(providers) { part in
            await #expect(code { _ = try await part.resolve(Int.self) } == .circular)
        }
    }

    @Test("things that share what they need undeclared are no circle", .timeLimit(.minutes(1)))
    func noFalseCircles() async throws {
        // Each needs all with a smaller number, and asks for them at the same time.
        let providers = (0..<10).map { number in
            Provider.factory(named: "\(number)", scope: .request, dependencies: []) { resolver in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for other in (0..<number).shuffled() {
                        group.addTask { try await resolver.resolve(Int.self, named: "\(other)") }
                    }
                    return try await group.reduce(1, +)
                }
            }
        }
        try await withPart(providers) { part in
            for _ in 0..<50 {
                let scope = CallScope(container: part.context, module: part.module)
                let sums = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in (0..<10).shuffled() {
                        group.addTask { try await scope.resolve(Int.self, named: "\(number)") }
                    }
                    return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
                }
                #expect(sums == Set((0..<10).map { 1 << $0 }))
            }
        }
    }

    @Test("things that wait for each other in two tasks are found out", .timeLimit(.minutes(1)))
    func circularAcrossTasks() async throws {
        let left = Gate()
        let right = Gate()
        let providers: [Provider] = [
            .factory(scope: .request, dependencies: []) { resolver in
                await left.pass()
                return Int(try await resolver.resolve(UInt.self))
            },
            .factory(scope: .request, dependencies: []) { resolver in
                await right.pass()
                return UInt(try await resolver.resolve(Int.self))
            },
        ]
        try await withPart(providers) { part in
            let scope = CallScope(container: part.context, module: part.module)
            async let one = code { _ = try await scope.resolve(Int.self) }
            async let two = code { _ = try await scope.resolve(UInt.self) }
            await left.arrival()
            await right.arrival()
            left.open()
            right.open()
            let codes = await [one, two]
            #expect(codes == [.circular, .circular])
        }
    }
}

/// Whether a body throws an error of a type.
func code<Failure: Error>(of type: Failure.Type, _ body: () async throws -> Void) async -> Bool {
    do {
        try await body()
        return false
    } catch {
        return error is Failure
    }
}
