/// For tests: what an application provides instead of what its modules say.
///
/// A provider is replaced wherever its type and name are provided, and sees what that module sees. An override of what
/// nobody provides is a ``WiringError``.
public struct ProviderOverride: Sendable {
    enum Change {
        case provider(Provider)
        case module(ModuleReplacement)
    }

    let change: Change

    /// Takes the place of the provider with the same type and name.
    public init(_ provider: Provider) { change = .provider(provider) }

    /// A value in the place of a provider.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - type: What the replaced provider is found by, such as `(any Mailer).self`; the value's type unless said.
    ///   - name: The replaced provider's name when it has one.
    public static func value<T: Sendable>(
        _ value: T, as type: T.Type = T.self, named name: String? = nil
    ) -> ProviderOverride {
        ProviderOverride(.value(value, as: type, named: name))
    }

    /// A module in the place of all modules of a type, dynamic ones included.
    public static func module<M: Module, N: Module>(_ type: M.Type, by replacement: N.Type) -> ProviderOverride {
        ProviderOverride(change: .module(ModuleReplacement(type: type, replacement: ModuleImport(replacement))))
    }

    /// A dynamic module in the place of all modules of a type.
    public static func module<M: Module>(_ type: M.Type, by replacement: DynamicModule) -> ProviderOverride {
        ProviderOverride(change: .module(ModuleReplacement(type: type, replacement: ModuleImport(replacement))))
    }

    private init(change: Change) { self.change = change }

    var provider: Provider? {
        guard case .provider(let provider) = change else { return nil }
        return provider
    }

    var module: ModuleReplacement? {
        guard case .module(let replacement) = change else { return nil }
        return replacement
    }
}

/// A module to take instead of all of a type.
struct ModuleReplacement: Sendable {
    let type: any Module.Type
    let replacement: ModuleImport
}
