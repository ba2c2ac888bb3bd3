/// A module as named by one that uses it.
public struct ModuleImport: Sendable {
    enum Source {
        case type(any Module.Type)
        case dynamic(DynamicModule)
    }

    let source: Source

    /// A module by its type: one for the whole application, however many import it.
    public init<M: Module>(_ module: M.Type) { source = .type(module) }

    /// A module made at run time.
    public init(_ module: DynamicModule) { source = .dynamic(module) }

    package var type: any Module.Type {
        switch source {
        case .type(let type): type
        case .dynamic(let module): module.type
        }
    }

    /// What a module is one by.
    var key: ModuleKey {
        switch source {
        case .type(let type): ModuleKey(id: ObjectIdentifier(type))
        case .dynamic(let module): ModuleKey(id: ObjectIdentifier(module.identity))
        }
    }
}

/// A module's identity: that of its type, or of its dynamic value.
struct ModuleKey: Sendable, Hashable {
    let id: ObjectIdentifier
}
