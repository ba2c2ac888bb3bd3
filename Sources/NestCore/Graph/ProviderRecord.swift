/// A provider in its module, with all that the graph found out about it.
final class ProviderRecord: Sendable {
    enum Role: Sendable {
        case provider
        case controller
        /// The module's own object.
        case module
        /// Made on demand though no module lists it: a guard, what ``ModuleRef/create(_:)`` makes.
        case unlisted
    }

    let id: Int
    let module: ModuleHandle
    let provider: Provider
    let role: Role
    /// Records of the declared dependencies.
    let dependencies: [Int]
    /// The record of an alias's target.
    let target: Int?
    /// Depends on a request, itself or through others.
    let needsScope: Bool
    /// How long instances really live: whoever depends on a request lives no longer than it.
    let lifetime: Scope

    init(
        id: Int, module: ModuleHandle, provider: Provider, role: Role, dependencies: [Int] = [],
        needsScope: Bool = false
    ) {
        self.id = id
        self.module = module
        self.provider = provider
        self.role = role
        self.dependencies = dependencies
        self.needsScope = needsScope
        target = provider.isAlias ? dependencies.first : nil
        lifetime = Self.lifetime(of: provider, role, needsScope: needsScope)
    }

    /// The same with what was found out about its dependencies.
    func linked(to dependencies: [Int], needsScope: Bool) -> ProviderRecord {
        ProviderRecord(
            id: id, module: module, provider: provider, role: role, dependencies: dependencies, needsScope: needsScope)
    }

    /// What people call it.
    var label: String {
        guard let type = provider.implementation, Token(type) != provider.token else { return "\(provider.token)" }
        return "\(type) (as \(provider.token))"
    }

    private static func lifetime(of provider: Provider, _ role: Role, needsScope: Bool) -> Scope {
        switch provider.declaredScope {
        case .request: .request
        case .transient where role != .controller && role != .module: .transient
        case .singleton, .transient: needsScope ? .request : .singleton
        }
    }
}
