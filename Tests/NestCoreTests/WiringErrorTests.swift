import Logging
import NestCore
import Testing

@Suite("Wiring") struct WiringErrorTests {
    struct Ping: Injectable {
        static var dependencies: [Dependency] { [Dependency(Pong.self)] }
        static func make(from resolver: Resolver) async throws -> Ping { Ping() }
    }

    struct Pong: Injectable {
        static var dependencies: [Dependency] { [Dependency(Ping.self)] }
        static func make(from resolver: Resolver) async throws -> Pong { Pong() }
    }

    struct Selfish: Injectable {
        static var dependencies: [Dependency] { [Dependency(Selfish.self)] }
        static func make(from resolver: Resolver) async throws -> Selfish { Selfish() }
    }

    @Test("reports everything that is wrong at once, and makes nothing") func everything() async throws {
        let made = Journal()
        let hidden = DynamicModule(Hidden.self, providers: [.value("hidden")])
        let part = Part.with(
            imports: [ModuleImport(hidden)],
            [
                .factory { (_: String) in 1 },
                .factory { (_: Double) in UInt8(1) },
                .factory { made.note("made") },
                Provider(Ping.self), Provider(Pong.self),
                .value(true), .value(false),
            ],
            exports: [ModuleExport(Character.self), ModuleExport(Front.self)])
        let error = await #expect(throws: WiringError.self) {
            try await NestFactory.createApplicationContext(
                Root.self, modules: [part], overrides: [.value(Float(1))])
        }
        #expect(
            error?.description == """
                the application cannot be wired, 7 problems:
                - Part provides Bool twice
                - Float is overridden, but no module provides it
                - Part exports Character, which it neither provides nor imports
                - Part exports Front, which it does not import
                - Part: Int needs String, which Part neither provides nor imports; Hidden has it, but does not export it
                - Part: UInt8 needs Double, which Part neither provides nor imports
                - Part: each needs the next to be made: Ping → Pong → Ping
                """)
        #expect(made.entries.isEmpty)
    }

    enum Hidden: Module {
        static var metadata: ModuleMetadata { ModuleMetadata() }
    }

    @Test("says where a missing thing is") func hints() {
        let exporting = DynamicModule(Hidden.self, providers: [.value("a")], exports: [ModuleExport(String.self)])
        let user = Part.with([.factory { (_: String) in 1 }])
        #expect(
            problems(of: Root.self, modules: [exporting, user]) == [
                "Part: Int needs String, which Part neither provides nor imports; Hidden exports it, but Part does not "
                    + "import Hidden"
            ])
        let keeping = DynamicModule(Hidden.self, providers: [.value("a")])
        #expect(
            problems(of: Root.self, modules: [keeping, user]) == [
                "Part: Int needs String, which Part neither provides nor imports; Hidden has it, but does not export it "
                    + "and is not imported"
            ])
        #expect(
            problems(of: [.value("a", named: "one"), .factory { (_: String) in 1 }]) == [
                "Part: Int needs String, which Part neither provides nor imports; there is String named \"one\""
            ])
    }

    @Test("names the type that is made and what it stands for") func labels() {
        #expect(
            problems(of: [.type(Holder.self, as: Holder.self, named: "main")]) == [
                #"Part: Holder (as Holder named "main") needs Thing, which Part neither provides nor imports"#
            ])
    }

    @Test("checks the target of an alias") func aliases() {
        #expect(
            problems(of: [.alias(Int.self, to: String.self)]) == [
                "Part: Int needs String, which Part neither provides nor imports"
            ])
        #expect(
            problems(of: [.alias(Int.self, to: UInt.self), .alias(UInt.self, to: Int.self)]) == [
                "Part: each needs the next to be made: Int → UInt → Int"
            ])
    }

    @Test("finds a thing that needs itself") func selfDependency() {
        #expect(
            problems(of: [Provider(Selfish.self)]) == [
                "Part: each needs the next to be made: Selfish → Selfish"
            ])
    }

    @Test("takes an optional dependency that is missing") func optional() {
        #expect(problems(of: [.factory { (_: String?) in 1 }]).isEmpty)
    }

    @Test("refuses two sources of the thing that is asked for, and minds no others") func ambiguity() {
        let one = DynamicModule(Hidden.self, providers: [.value("a")], exports: [ModuleExport(String.self)])
        let two = DynamicModule(Front.self, providers: [.value("b")], exports: [ModuleExport(String.self)])
        let imports = [ModuleImport(one), ModuleImport(two)]
        #expect(problems(of: Root.self, modules: [Part.with(imports: imports)]).isEmpty)
        #expect(
            problems(of: Root.self, modules: [Part.with(imports: imports, [.factory { (_: String) in 1 }])]) == [
                "Part: Int needs String, which comes from Hidden and from Front: give them names, or import one "
                    + "of them only"
            ])
    }

    @Test("refuses a controller of two modules") func controllers() {
        let one = DynamicModule(Hidden.self, controllers: [Thing.self])
        let two = DynamicModule(Front.self, controllers: [Thing.self])
        #expect(
            problems(of: Root.self, modules: [one, two]) == ["Thing is a controller of Hidden and of Front"])
        #expect(
            problems(of: [], controllers: [Thing.self, Thing.self]) == ["Thing is a controller of Part twice"])
    }

    @Test("checks what controllers need") func controllerDependencies() {
        #expect(
            problems(of: [], controllers: [Holder.self]) == [
                "Part: Holder needs Thing, which Part neither provides nor imports"
            ])
    }

    @Test("refuses a ModuleRef of one's own") func moduleRef() {
        #expect(
            problems(of: [.factory { (modules: ModuleRef) in modules }]) == [
                "Part provides ModuleRef, which every module has already"
            ])
    }

    enum East: Module {
        static var metadata: ModuleMetadata {
            ModuleMetadata(imports: [ModuleImport(West.self)], exports: [ModuleExport(West.self)])
        }
    }

    enum West: Module {
        static var metadata: ModuleMetadata {
            ModuleMetadata(imports: [ModuleImport(East.self)], exports: [ModuleExport(East.self)])
        }
    }

    enum Mirror: Module {
        static var metadata: ModuleMetadata { ModuleMetadata(imports: [ModuleImport(Mirror.self)]) }
    }

    @Test("refuses modules that import each other") func importCycles() {
        #expect(problems(of: East.self) == ["modules import each other in a circle: East → West → East"])
        #expect(problems(of: Mirror.self) == ["modules import each other in a circle: Mirror → Mirror"])
    }

    final class Home: Module, Injectable {
        static var metadata: ModuleMetadata {
            ModuleMetadata(providers: [.factory(scope: .request) { Thing() }])
        }
        static var dependencies: [Dependency] { [Dependency(Thing.self)] }
        static func make(from resolver: Resolver) async throws -> Home { Home() }
    }

    @Test("refuses a module that depends on a request") func moduleScope() {
        #expect(
            problems(of: Home.self) == [
                "Home lives as long as the application, but Thing lives for one request only"
            ])
    }

    @Test("tells apart modules of one type") func numbered() {
        let broken = [Provider.factory { (_: String) in 1 }]
        #expect(
            problems(of: Root.self, modules: [Part.with(broken), Part.with(broken)]) == [
                "Part: Int needs String, which Part neither provides nor imports",
                "Part #2: Int needs String, which Part #2 neither provides nor imports",
            ])
    }

    @Test("joins what others found") func also() throws {
        let graph = ApplicationGraph(root: Root.self, logger: Logger(label: "test"))
        try graph.check()
        let error = #expect(throws: WiringError.self) { try graph.check(also: ["a handler has no pattern"]) }
        #expect(error?.description == "the application cannot be wired, 1 problem:\n- a handler has no pattern")
    }
}
