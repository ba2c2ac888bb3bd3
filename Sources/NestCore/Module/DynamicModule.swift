/// A module made at run time: a module's type with more in it.
///
/// Each value is a module of its own: two values of the same type are two modules with their own providers; one value
/// imported in many places is one.
///
/// ```swift
/// enum Storage: Module {
///     static var metadata: ModuleMetadata { ModuleMetadata() }
///     static func at(_ path: String) -> DynamicModule {
///         DynamicModule(Storage.self, providers: [.value(path, named: "path")], exports: [ModuleExport(String.self, named: "path")])
///     }
/// }
/// ```
public struct DynamicModule: Sendable {
    /// Tells values apart; its address is the identity, so it lives as long as the value.
    final class Identity: Sendable {}

    let identity = Identity()
    package let type: any Module.Type
    package let additions: ModuleMetadata

    /// A module of a type, with more than the type's own metadata.
    ///
    /// - Parameters:
    ///   - type: Whose module it is. Its static metadata is part of it.
    ///   - imports: More imports.
    ///   - providers: More providers.
    ///   - controllers: More controllers.
    ///   - exports: More exports.
    ///   - isGlobal: Whether every module can use the exports without importing.
    public init<M: Module>(
        _ type: M.Type, imports: [ModuleImport] = [], providers: [Provider] = [],
        controllers: [any Injectable.Type] = [], exports: [ModuleExport] = [], isGlobal: Bool = false
    ) {
        self.type = type
        additions = ModuleMetadata(
            imports: imports, providers: providers, controllers: controllers, exports: exports, isGlobal: isGlobal)
    }
}
