/// What a module lets its importers use.
public struct ModuleExport: Sendable {
    enum Content {
        case token(Token)
        /// Every import of that type.
        case module(any Module.Type)
        case dynamic(DynamicModule)
    }

    let content: Content

    /// A provider, its own or imported.
    public init<T>(_ type: T.Type, named name: String? = nil) { content = .token(Token(type, named: name)) }

    /// All that an imported module exports, dynamic ones of the type included.
    public init<M: Module>(_ module: M.Type) { content = .module(module) }

    /// All that an imported dynamic module exports.
    public init(_ module: DynamicModule) { content = .dynamic(module) }
}
