extension ApplicationContext {
    /// Makes every singleton, dependencies first.
    func makeSingletons() async throws {
        for id in graph.order {
            let record = graph.records[id]
            guard record.target == nil, record.lifetime == .singleton else { continue }
            try Task.checkCancellation()
            _ = try await instance(of: record, scope: nil, for: nil)
        }
    }

    /// The object of a record: the one that is there already, or a new one.
    ///
    /// - Parameters:
    ///   - record: What to make.
    ///   - scope: Where request-scoped objects live; nil when there is no message or request.
    ///   - construction: The object that it is made for.
    func instance(
        of record: ProviderRecord, scope: CallScope?, for construction: Construction?
    ) async throws -> any Sendable {
        let record = graph.target(of: record)
        switch record.lifetime {
        case .singleton: return try await singleton(record, singletons[record.id], for: construction)
        case .transient: return try await make(record, scope: scope, for: construction)
        case .request:
            guard let scope else { throw ApplicationError.outsideRequest(record.label, for: construction) }
            return try await once(record, in: scope.cell(for: record), scope: scope, for: construction)
        }
    }

    func singleton(
        _ record: ProviderRecord, _ cell: InstanceCell, for construction: Construction?
    ) async throws -> any Sendable {
        if let value = cell.value { return value }
        try ensureOpen()
        return try await once(record, in: cell, scope: nil, for: construction)
    }

    private func once(
        _ record: ProviderRecord, in cell: InstanceCell, scope: CallScope?, for parent: Construction?
    ) async throws -> any Sendable {
        if let value = cell.value { return value }
        let construction = try begin(record, for: parent)
        return try await cell.value(for: construction, waits: waits) {
            let made = try await run(construction, scope: scope)
            if record.lifetime == .singleton { try await hooks.add(made, from: record) }
            return made
        }
    }

    func make(
        _ record: ProviderRecord, scope: CallScope?, for parent: Construction?
    ) async throws -> any Sendable {
        try await run(try begin(record, for: parent), scope: scope)
    }

    private func begin(_ record: ProviderRecord, for parent: Construction?) throws -> Construction {
        let parent = parent.flatMap { $0.isFinished ? nil : $0 }
        if let path = parent?.path(from: record) { throw ApplicationError.circular(path + [record.label]) }
        return Construction(record, for: parent)
    }

    private func run(_ construction: Construction, scope: CallScope?) async throws -> any Sendable {
        defer { construction.finish() }
        let record = construction.record
        let source = ContainerSource(container: self, module: record.module, scope: scope, construction: construction)
        do {
            return try await record.provider.make(Resolver(source: source))
        } catch let error as ApplicationError {
            throw error
        } catch {
            // A request's failure belongs to the request: its exception filters see what was thrown.
            guard scope == nil, !(error is CancellationError) else { throw error }
            throw ApplicationError(
                .constructionFailed, "\(record.label) in \(record.module) could not be made", cause: error)
        }
    }
}
