import NestCore
import Testing

@Suite("A dynamic module") struct DynamicModuleTests {
    enum Storage: Module {
        static var metadata: ModuleMetadata {
            ModuleMetadata(providers: [Provider(Thing.self)], exports: [ModuleExport(Thing.self)])
        }

        static func at(_ path: String) -> DynamicModule {
            DynamicModule(
                Storage.self, providers: [.value(path, named: "path")],
                exports: [ModuleExport(String.self, named: "path")])
        }
    }

    @Test("is one wherever the same value is imported") func sameValue() async throws {
        let storage = Storage.at("/a")
        let left = Part.with(imports: [ModuleImport(storage)], [Provider(Holder.self)])
        let right = Part.with(imports: [ModuleImport(storage)], [Provider(Holder.self)])
        try await withApplication(Root.self, modules: [left, right]) { app in
            let holders = try [left, right].map { try app.select($0).get(Holder.self) }
            #expect(holders[0].thing === holders[1].thing)
        }
    }

    @Test("is another for each value, with the providers of its type") func twoValues() async throws {
        let one = Storage.at("/a")
        let two = Storage.at("/b")
        try await withApplication(Root.self, modules: [one, two]) { app in
            try #expect(app.select(one).get(String.self, named: "path") == "/a")
            try #expect(app.select(two).get(String.self, named: "path") == "/b")
            let things = try [one, two].map { try app.select($0).get(Thing.self) }
            #expect(things[0] !== things[1])
        }
    }

    @Test("is not the module of its type") func besidesStatic() async throws {
        let dynamic = Storage.at("/a")
        let user = Part.with(imports: [ModuleImport(Storage.self)])
        try await withApplication(Root.self, modules: [dynamic, user]) { app in
            let things = try [user, dynamic].map { try app.select($0).get(Thing.self) }
            #expect(things[0] !== things[1])
        }
    }

    @Test("has to be selected by its value when there are several") func selection() async throws {
        let unused = Storage.at("/c")
        try await withApplication(Root.self, modules: [Storage.at("/a"), Storage.at("/b")]) { app in
            let several = #expect(throws: ApplicationError.self) { try app.select(Storage.self) }
            #expect(several?.message == "there are 2 modules Storage: select one by its value")
            let missing = #expect(throws: ApplicationError.self) { try app.select(unused) }
            #expect(missing?.message == "this value of Storage is no module of this application")
            #expect(throws: ApplicationError.self) { try app.select(Front.self) }
        }
    }

    @Test("asks its type for metadata once for each application") func metadataOnce() async throws {
        let storage = Counted.dynamic
        try await withApplication(Root.self, modules: [storage, Part.with(imports: [ModuleImport(storage)])]) { _ in
            #expect(Counted.journal.count("metadata") == 1)
        }
    }

    enum Counted: Module {
        static let journal = Journal()
        static var metadata: ModuleMetadata {
            journal.note("metadata")
            return ModuleMetadata()
        }
        static var dynamic: DynamicModule { DynamicModule(Counted.self) }
    }
}
