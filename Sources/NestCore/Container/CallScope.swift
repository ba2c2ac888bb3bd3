import Synchronization

/// The objects of one message or request: each is made when it is first asked for and lives as long as the scope.
///
/// What is injected into its objects never holds them: a context or a ``ModuleRef`` that knows the scope makes no
/// circle.
package final class CallScope: Sendable {
    package let container: ApplicationContext
    package let module: ModuleHandle
    private let owned: Objects?
    private weak let objects: Objects?

    /// A scope without objects, which looks things up as `module` sees them.
    package init(container: ApplicationContext, module: ModuleHandle) {
        let objects = Objects()
        self.container = container
        self.module = module
        self.objects = objects
        owned = objects
    }

    private init(borrowing objects: Objects, container: ApplicationContext, module: ModuleHandle) {
        self.container = container
        self.module = module
        self.objects = objects
        owned = nil
    }

    /// Makes a value injectable in this scope.
    package func seed<Value: Sendable>(_ value: Value) { objects?.seed(value, as: Token(Value.self)) }

    /// Makes a value injectable that itself knows the scope.
    package func seed<Value: Sendable>(_ make: (CallScope) -> Value) {
        guard let borrowed = borrowed() else { return }
        seed(make(borrowed))
    }

    /// A provider as the scope's module sees it.
    package func resolve<Value>(_ type: Value.Type = Value.self, named name: String? = nil) async throws -> Value {
        try await container.resolve(type, named: name, in: module, scope: self, for: nil)
    }

    /// The same objects without holding them; nil when they are gone.
    func borrowed() -> CallScope? {
        objects.map { CallScope(borrowing: $0, container: container, module: module) }
    }

    func seeded(_ token: Token) -> (any Sendable)? { objects?.seeded(token) }

    func cell(for record: ProviderRecord) throws -> InstanceCell {
        guard let objects else { throw ApplicationError(.closed, "the message or request is over") }
        return objects.cell(for: record.id)
    }
}

extension CallScope {
    fileprivate final class Objects: Sendable {
        private struct State {
            var seeds: [Token: any Sendable] = [:]
            var cells: [Int: InstanceCell] = [:]
        }

        private let state = Mutex(State())

        func seed(_ value: any Sendable, as token: Token) { state.withLock { $0.seeds[token] = value } }

        func seeded(_ token: Token) -> (any Sendable)? { state.withLock { $0.seeds[token] } }

        func cell(for record: Int) -> InstanceCell {
            state.withLock { state in
                if let cell = state.cells[record] { return cell }
                let cell = InstanceCell()
                state.cells[record] = cell
                return cell
            }
        }
    }
}
