// What the fronts (messages, HTTP) need: controllers, and the guards and others that stand around them.

extension ApplicationContext {
    /// Every controller, in the order of modules (imported ones first).
    package var controllers: [ControllerEntry] { graph.controllers }

    /// A controller's object: the application's one, or the one of the scope if it is request-scoped.
    package func controller(_ entry: ControllerEntry, in scope: CallScope?) async throws -> any Sendable {
        try await instance(of: graph.records[entry.record], scope: scope, for: nil)
    }

    /// An object of a type as a module sees it: its provider's, else one made with its dependencies and kept for that
    /// module, or for the scope if it is request-scoped.
    package func make(
        _ type: any Injectable.Type, in module: ModuleHandle, scope: CallScope?
    ) async throws -> any Injectable {
        let token = Token(type)
        if let found = try await find(token, from: module, scope: scope, for: nil) {
            return try cast(found, of: token)
        }
        let entry = unlisted.entry(for: type, in: module, graph)
        guard entry.record.lifetime == .singleton else {
            return try cast(try await instance(of: entry.record, scope: scope, for: nil), of: token)
        }
        return try cast(try await singleton(entry.record, entry.cell, for: nil), of: token)
    }

    /// What is wrong with making the type there; nothing when it is a provider or can be made.
    package func checkDependencies(of type: any Injectable.Type, in module: ModuleHandle) -> [String] {
        graph.checkDependencies(of: type, in: module)
    }

    /// Whether objects of the type live for one message or request, if it is asked for there.
    package func isRequestScoped(_ type: any Injectable.Type, in module: ModuleHandle) -> Bool {
        graph.isRequestScoped(type, in: module)
    }
}
