import NestCore
import Testing

@Suite("Factories") struct FactoryTests {
    struct Failure: Error, CustomStringConvertible { var description: String { "no disk" } }

    protocol Repository: Sendable { var name: String { get } }

    struct Files: Repository, Injectable {
        var name: String { "files" }
        static func make(from resolver: Resolver) -> Files { Files() }
    }

    @Test("are given what their parameters ask for") func parameters() async throws {
        let values: [Provider] = [
            .value(Int8(1)), .value(Int16(2)), .value(Int32(3)), .value(Int64(4)), .value(UInt8(5)), .value(UInt16(6)),
            .value(UInt32(7)), .value(UInt64(8)),
        ]
        let factories: [Provider] = [
            .factory(named: "0") { 0 },
            .factory(named: "1") { (a: Int8) in Int(a) },
            .factory(named: "2") { (a: Int8, b: Int16) in Int(a) + Int(b) },
            .factory(named: "3") { (a: Int8, b: Int16, c: Int32) in Int(a) + Int(b) + Int(c) },
            .factory(named: "4") { (a: Int8, b: Int16, c: Int32, d: Int64) in Int(a) + Int(b) + Int(c) + Int(d) },
            .factory(named: "5") { (_: Int8, _: Int16, _: Int32, _: Int64, e: UInt8) in Int(e) },
            .factory(named: "6") { (_: Int8, _: Int16, _: Int32, _: Int64, _: UInt8, f: UInt16) in Int(f) },
            .factory(named: "7") { (_: Int8, _: Int16, _: Int32, _: Int64, _: UInt8, _: UInt16, g: UInt32) in Int(g) },
            .factory(named: "8") {
                (_: Int8, _: Int16, _: Int32, _: Int64, _: UInt8, _: UInt16, _: UInt32, h: UInt64) in Int(h)
            },
        ]
        try await withPart(values + factories) { part in
            let made = try (0...8).map { try part.get(Int.self, named: "\($0)") }
            #expect(made == [0, 1, 3, 6, 10, 5, 6, 7, 8])
        }
    }

    @Test("may wait, and hide a type behind a protocol") func asynchronous() async throws {
        let repository = Provider.factory { () async -> any Repository in
            await Task.yield()
            return Files()
        }
        try await withPart([repository]) { part in
            try #expect(part.get((any Repository).self).name == "files")
            await #expect(code { _ = try part.get(Files.self) } == .notFound)
        }
    }

    @Test("a type can be found by a protocol, or by a name") func types() async throws {
        try await withPart([.type(Files.self, as: (any Repository).self), .type(Files.self, named: "old")]) { part in
            try #expect(part.get((any Repository).self).name == "files")
            try #expect(part.get(Files.self, named: "old").name == "files")
        }
    }

    @Test("a type must be what it is found by") func wrongType() async throws {
        let error = await #expect(throws: ApplicationError.self) {
            try await withPart([.type(Files.self, as: Thing.self)]) { _ in }
        }
        #expect(error?.code == .wrongType)
        #expect(error?.message == "Files is provided as Thing, but it is not one")
    }

    @Test("an optional parameter may be missing") func optional() async throws {
        let length = Provider.factory { (text: String?) in text?.count ?? -1 }
        try await withPart([length]) { part in try #expect(part.get(Int.self) == -1) }
        try await withPart([length, .value("four")]) { part in try #expect(part.get(Int.self) == 4) }
    }

    @Test("a resolver finds names and what may be missing") func resolver() async throws {
        let provider = Provider.factory(dependencies: [Dependency(String.self, named: "one")]) { resolver in
            let one: String = try await resolver.resolve(named: "one")
            let two: String? = try await resolver.resolve(named: "two")
            let three = try await resolver.resolveOptional(String.self, named: "three")
            return [one, two ?? "-", three ?? "-"]
        }
        try await withPart([.value("1", named: "one"), .value("3", named: "three"), provider]) { part in
            try #expect(part.get([String].self) == ["1", "-", "3"])
        }
    }

    @Test("that ask for what is not there are told what, and by whom") func undeclared() async throws {
        let error = await #expect(throws: ApplicationError.self) {
            try await withPart([.factory(dependencies: []) { try await $0.resolve(String.self).count }]) { _ in }
        }
        #expect(error?.code == .notFound)
        #expect(error?.message == "Part neither provides nor imports String")
    }

    @Test("that throw end the start, with their error as the cause") func throwing() async throws {
        let error = await #expect(throws: ApplicationError.self) {
            try await withPart([.factory { () throws -> Int in throw Failure() }]) { _ in }
        }
        #expect(error?.code == .constructionFailed)
        #expect(error?.cause is Failure)
        #expect(error?.description == "Int in Part could not be made: no disk")
    }

    @Test("that throw inside a request throw their own error") func throwingInRequest() async throws {
        try await withPart([.factory(scope: .request) { () throws -> Int in throw Failure() }]) { part in
            await #expect(throws: Failure.self) { try await part.resolve(Int.self) }
        }
    }

    @Test("run in the order of their dependencies, whatever the list says") func order() async throws {
        let journal = Journal()
        try await withPart([
            .factory { (_: UInt8, _: UInt16) in journal.note("int") },
            .factory { (_: UInt16) -> UInt8 in
                journal.note("small")
                return 1
            },
            .factory { () -> UInt16 in
                journal.note("middle")
                return 1
            },
        ]) { _ in }
        #expect(journal.entries == ["middle", "small", "int"])
    }

    @Test("stop when the start is cancelled, and what was made is shut down") func cancellation() async throws {
        let gate = Gate()
        let journal = Journal()
        let part = Part.with([
            .value(Closer(journal)),
            .factory { (_: Closer) -> Int in
                await gate.pass()
                return 1
            },
            .factory { (_: Int) in journal.note("made") },
        ])
        let start = Task { try await NestFactory.createApplicationContext(Root.self, modules: [part]) }
        await gate.arrival()
        start.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await start.value }
        #expect(journal.entries == ["closed"])
    }

    final class Closer: OnApplicationShutdown {
        let journal: Journal
        init(_ journal: Journal) { self.journal = journal }
        func onApplicationShutdown(_ signal: String?) async { journal.note("closed") }
    }
}
