import NestCore
import Testing

@Suite("Modules") struct EncapsulationTests {
    enum Storage: Module {
        static var metadata: ModuleMetadata {
            ModuleMetadata(
                providers: [.value("disk", named: "kind"), Provider(Thing.self)], exports: [ModuleExport(Thing.self)])
        }
    }

    enum Orders: Module {
        static var metadata: ModuleMetadata {
            ModuleMetadata(
                imports: [ModuleImport(Storage.self)], providers: [Provider(Holder.self)],
                exports: [ModuleExport(Holder.self)])
        }
    }

    enum Shop: Module {
        static var metadata: ModuleMetadata { ModuleMetadata(imports: [ModuleImport(Orders.self)]) }
    }

    @Test("let importers use what they export") func exports() async throws {
        try await withApplication(Shop.self) { app in
            let holder = try app.get(Holder.self)
            try #expect(app.select(Storage.self).get(Thing.self) === holder.thing)
        }
    }

    @Test("do not pass imports on unasked, and say where the thing is") func noTransitiveExports() async throws {
        try await withApplication(Shop.self) { app in
            let error = #expect(throws: ApplicationError.self) { try app.get(Thing.self) }
            #expect(error?.code == .notFound)
            #expect(
                error?.message == "Shop neither provides nor imports Thing; Storage exports it, but Shop does not "
                    + "import Storage")
        }
    }

    @Test("keep what they do not export") func keepsUnexported() async throws {
        try await withApplication(Shop.self) { app in
            try #expect(app.select(Storage.self).get(String.self, named: "kind") == "disk")
            let error = #expect(throws: ApplicationError.self) {
                try app.select(Orders.self).get(String.self, named: "kind")
            }
            #expect(
                error?.message
                    == #"Orders neither provides nor imports String named "kind"; Storage has it, but does not export it"#
            )
        }
    }

    @Test("hide imported providers behind their own") func ownFirst() async throws {
        let inner = Part.with([.value("inner")], exports: [ModuleExport(String.self)])
        let outer = Part.with(imports: [ModuleImport(inner)], [.value("outer")], exports: [ModuleExport(String.self)])
        try await withApplication(Root.self, modules: [outer]) { app in
            try #expect(app.get(String.self) == "outer")
            try #expect(app.select(inner).get(String.self) == "inner")
        }
    }

    @Test("re-export a module, by type and by value, and single providers") func reexports() async throws {
        let value = Part.with([.value(7)], exports: [ModuleExport(Int.self)])
        let front = Part.with(
            imports: [ModuleImport(Orders.self), ModuleImport(value), ModuleImport(Storage.self)],
            exports: [ModuleExport(Orders.self), ModuleExport(value), ModuleExport(Thing.self)])
        try await withApplication(Root.self, modules: [front]) { app in
            try #expect(app.get(Int.self) == 7)
            let holder = try app.get(Holder.self)
            try #expect(app.get(Thing.self) === holder.thing)
        }
    }

    @Test("re-export every dynamic module of a type") func reexportsByType() async throws {
        let one = Part.with([.value("a", named: "one")], exports: [ModuleExport(String.self, named: "one")])
        let two = Part.with([.value("b", named: "two")], exports: [ModuleExport(String.self, named: "two")])
        let front = DynamicModule(
            Front.self, imports: [ModuleImport(one), ModuleImport(two)], exports: [ModuleExport(Part.self)])
        try await withApplication(Root.self, modules: [front]) { app in
            try #expect(app.get(String.self, named: "one") == "a")
            try #expect(app.get(String.self, named: "two") == "b")
        }
    }

    @Test("that are global are seen by all, behind what is imported") func global() async throws {
        let global = Part.with(
            [.value("global"), .value(1)], exports: [ModuleExport(String.self), ModuleExport(Int.self)], isGlobal: true)
        let local = Part.with([.value("local")], exports: [ModuleExport(String.self)])
        let user = Front.with(imports: [ModuleImport(local)])
        try await withApplication(Root.self, modules: [global, user]) { app in
            try #expect(app.select(user).get(Int.self) == 1)
            try #expect(app.select(user).get(String.self) == "local")
            try #expect(app.select(local).get(Int.self) == 1)
        }
    }

    @Test("that are global show only what they export") func globalEncapsulation() async throws {
        let global = Part.with([.value("secret")], isGlobal: true)
        let user = Front.with()
        try await withApplication(Root.self, modules: [global, user]) { app in
            #expect(throws: ApplicationError.self) { _ = try app.select(user).get(String.self) }
        }
    }

    @Test("make one object for a diamond") func diamond() async throws {
        let made = Journal()
        let base = Part.with(
            [
                .factory {
                    made.note("made")
                    return Thing()
                }
            ], exports: [ModuleExport(Thing.self)])
        let left = Front.with(imports: [ModuleImport(base)], [Provider(Holder.self)])
        let right = Front.with(imports: [ModuleImport(base)], [Provider(Holder.self)])
        try await withApplication(Root.self, modules: [left, right]) { app in
            let one = try app.select(left).get(Holder.self)
            let two = try app.select(right).get(Holder.self)
            #expect(one !== two)
            #expect(one.thing === two.thing)
            #expect(made.count("made") == 1)
        }
    }
}

/// A second type of module whose contents come dynamically.
enum Front: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }

    static func with(
        imports: [ModuleImport] = [], _ providers: [Provider] = [], exports: [ModuleExport] = []
    ) -> DynamicModule {
        DynamicModule(Front.self, imports: imports, providers: providers, exports: exports)
    }
}
