/// A provider about to be replaced in a ``TestingModule``: says by what.
public struct ProviderReplacement<Root: Module, Value: Sendable>: Sendable {
    let module: TestingModule<Root>
    let name: String?

    /// By a value. Its lifecycle hooks are called as those of any provider.
    public func with(value: Value) -> TestingModule<Root> {
        module.overriding(ProviderOverride(.value(value, as: Value.self, named: name)))
    }

    /// By a type that the container makes, with its dependencies from the module of the replaced provider.
    public func with<Replacement: Injectable>(_ type: Replacement.Type) -> TestingModule<Root> {
        module.overriding(ProviderOverride(.type(type, as: Value.self, named: name)))
    }

    /// By what a closure makes, once for the application unless a scope says otherwise.
    public func with(
        scope: Scope = .singleton, factory: @escaping @Sendable () async throws -> Value
    ) -> TestingModule<Root> {
        module.overriding(ProviderOverride(.factory(named: name, scope: scope, factory)))
    }
}
