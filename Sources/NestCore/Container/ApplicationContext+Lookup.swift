extension ApplicationContext {
    func get<T>(_ type: T.Type, named name: String?, in module: ModuleHandle) throws -> T {
        let token = Token(type, named: name)
        if token == .moduleRef, let reference = ModuleRef(context: self, module: module) as? T { return reference }
        let record = graph.target(of: try listed(token, in: module))
        guard record.lifetime == .singleton else {
            throw ApplicationError(.wrongScope, "\(record.label) is no singleton: ask for it with resolve")
        }
        guard let value = singletons[record.id].value else {
            try ensureOpen()
            throw ApplicationError(.notReady, "\(record.label) is not made yet")
        }
        return try cast(value, of: token)
    }

    /// What a module sees, of any scope; a request-scoped object is made in a scope of its own.
    package func resolve<Value>(
        _ type: Value.Type = Value.self, named name: String? = nil, in module: ModuleHandle
    ) async throws -> Value {
        try await resolve(type, named: name, in: module, scope: nil, for: nil)
    }

    func resolve<Value>(
        _ type: Value.Type, named name: String?, in module: ModuleHandle, scope: CallScope?,
        for construction: Construction?
    ) async throws -> Value {
        let token = Token(type, named: name)
        if let scope, let found = try await find(token, from: module, scope: scope, for: construction) {
            return try cast(found, of: token)
        }
        if token == .moduleRef { return try cast(ModuleRef(context: self, module: module), of: token) }
        let record = try listed(token, in: module)
        let ownScope = record.needsScope ? CallScope(container: self, module: module) : nil
        return try cast(try await instance(of: record, scope: scope ?? ownScope, for: construction), of: token)
    }

    /// The object that a provider would be given; nil when there is nothing to be seen.
    func find(
        _ token: Token, from module: ModuleHandle, scope: CallScope?, for construction: Construction?
    ) async throws -> (any Sendable)? {
        switch graph.visibility.find(token, from: module) {
        case .record(let id): return try await instance(of: graph.records[id], scope: scope, for: construction)
        case .ambiguous(let ids):
            throw ApplicationError(.notFound, graph.ambiguity(token, from: module, ids))
        case .moduleRef:
            return ModuleRef(context: self, module: module, scope: scope?.borrowed(), origin: construction)
        case .requestValue:
            if let value = scope?.seeded(token) { return value }
            throw ApplicationError.outsideRequest("\(token)", for: construction)
        case .nothing: return scope?.seeded(token)
        }
    }

    /// The record behind a token for those who look from outside: controllers and module objects as well.
    private func listed(_ token: Token, in module: ModuleHandle) throws -> ProviderRecord {
        switch graph.visibility.find(token, from: module) {
        case .record(let id): return graph.records[id]
        case .ambiguous(let ids): throw ApplicationError(.notFound, graph.ambiguity(token, from: module, ids))
        case .requestValue: throw ApplicationError.outsideRequest("\(token)", for: nil)
        case .moduleRef, .nothing: break
        }
        guard let id = graph.nodes[module.index].objects[token] else {
            throw ApplicationError.notFound(token, from: module, graph)
        }
        return graph.records[id]
    }

    func cast<T>(_ value: any Sendable, of token: Token) throws -> T {
        guard let value = value as? T else { throw ApplicationError.mismatch(token, value) }
        return value
    }
}

extension ApplicationGraph {
    /// What an alias stands for, or the record itself.
    func target(of record: ProviderRecord) -> ProviderRecord {
        var record = record
        while let target = record.target { record = records[target] }
        return record
    }

    func ambiguity(_ token: Token, from module: ModuleHandle, _ ids: [Int]) -> String {
        "\(module) imports \(token) from " + ids.map { records[$0].module.name }.joined(separator: " and ")
    }
}
