/// What is in a module.
public struct ModuleMetadata: Sendable {
    package var imports: [ModuleImport]
    package var providers: [Provider]
    package var controllers: [any Injectable.Type]
    package var exports: [ModuleExport]
    package var isGlobal: Bool

    /// What is in a module.
    ///
    /// - Parameters:
    ///   - imports: The modules whose exports this one can use.
    ///   - providers: What can be injected in this module.
    ///   - controllers: What answers messages and requests.
    ///   - exports: Which providers importers can use; an imported module here passes on all of its exports.
    ///   - isGlobal: Whether every module can use the exports without importing.
    public init(
        imports: [ModuleImport] = [], providers: [Provider] = [], controllers: [any Injectable.Type] = [],
        exports: [ModuleExport] = [], isGlobal: Bool = false
    ) {
        self.imports = imports
        self.providers = providers
        self.controllers = controllers
        self.exports = exports
        self.isGlobal = isGlobal
    }

    /// This and more of the same.
    func adding(_ more: ModuleMetadata) -> ModuleMetadata {
        ModuleMetadata(
            imports: imports + more.imports, providers: providers + more.providers,
            controllers: controllers + more.controllers, exports: exports + more.exports,
            isGlobal: isGlobal || more.isGlobal)
    }
}
