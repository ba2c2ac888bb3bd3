import NestCore
import Testing

@Suite("An override") struct ProviderOverrideTests {
    enum Storage: Module {
        static var metadata: ModuleMetadata {
            ModuleMetadata(
                providers: [
                    .value("disk"), .value("eu", named: "region"), Provider(Thing.self), Provider(Holder.self),
                ],
                exports: [
                    ModuleExport(String.self), ModuleExport(String.self, named: "region"), ModuleExport(Holder.self),
                ])
        }
    }

    enum App: Module {
        static var metadata: ModuleMetadata {
            ModuleMetadata(
                imports: [ModuleImport(Storage.self)], providers: [.factory { (text: String) in text.count }],
                exports: [ModuleExport(Storage.self)])
        }
    }

    @Test("replaces a value, by type and by name") func value() async throws {
        let overrides: [ProviderOverride] = [.value("memory"), .value("us", named: "region")]
        try await withApplication(App.self, overrides: overrides) { app in
            try #expect(app.get(String.self) == "memory")
            try #expect(app.get(String.self, named: "region") == "us")
            try #expect(app.get(Int.self) == 6)
        }
    }

    @Test("replaces a type, wherever it is provided") func everywhere() async throws {
        let mine = Thing()
        let other = Part.with([Provider(Thing.self)])
        try await withApplication(App.self, modules: [other], overrides: [.value(mine)]) { app in
            try #expect(app.get(Holder.self).thing === mine)
            try #expect(app.select(other).get(Thing.self) === mine)
        }
    }

    @Test("sees what the replaced provider's module sees") func dependencies() async throws {
        let override = ProviderOverride(.factory { (thing: Thing) in "\(type(of: thing))" })
        try await withApplication(App.self, overrides: [override]) { app in
            try #expect(app.get(String.self) == "Thing")
        }
    }

    @Test("does not make what it replaces") func notMade() async throws {
        let journal = Journal()
        let part = Part.with([
            .factory { () -> Int in
                journal.note("made")
                return 1
            }
        ])
        try await withApplication(Root.self, modules: [part], overrides: [.value(2)]) { app in
            try #expect(app.select(part).get(Int.self) == 2)
        }
        #expect(journal.entries.isEmpty)
    }

    @Test("given twice, the last counts") func last() async throws {
        try await withApplication(App.self, overrides: [.value("a"), .value("b")]) { app in
            try #expect(app.get(String.self) == "b")
        }
    }

    @Test("of what nobody provides is an error") func unused() {
        #expect(
            problems(of: App.self, overrides: [.value(1.5), .value("x", named: "regoin")]) == [
                "Double is overridden, but no module provides it",
                #"String named "regoin" is overridden, but no module provides it"#,
            ])
    }

    enum Memory: Module {
        static var metadata: ModuleMetadata {
            ModuleMetadata(providers: [.value("memory")], exports: [ModuleExport(String.self)])
        }
    }

    @Test("replaces a module, in imports and exports") func module() async throws {
        try await withApplication(App.self, overrides: [.module(Storage.self, by: Memory.self)]) { app in
            try #expect(app.get(String.self) == "memory")
            try #expect(app.get(Int.self) == 6)
            await #expect(code { _ = try app.get(Holder.self) } == .notFound)
        }
        let dynamic = DynamicModule(Memory.self, providers: [.value(1.5)], exports: [ModuleExport(Double.self)])
        try await withApplication(App.self, overrides: [.module(Storage.self, by: dynamic)]) { app in
            try #expect(app.get(Double.self) == 1.5)
        }
    }

    @Test("of a module that nobody imports is an error") func unusedModule() {
        #expect(
            problems(of: Root.self, overrides: [.module(Storage.self, by: Memory.self)]) == [
                "Storage is overridden, but no module imports it"
            ])
    }
}
