package import Logging

/// An application's modules and providers as they belong together, before any object exists.
package final class ApplicationGraph: Sendable {
    let visibility: Visibility
    let records: [ProviderRecord]
    /// Records, dependencies before those that need them.
    let order: [Int]
    let logger: Logger
    /// What is wrong with it; empty when it can be made.
    package let problems: [String]
    /// Every controller, in the order of modules (imported ones first).
    package let controllers: [ControllerEntry]

    var nodes: [ModuleNode] { visibility.nodes }

    /// Reads the metadata of every module that can be reached.
    ///
    /// - Parameters:
    ///   - root: The root module.
    ///   - modules: More modules, as if the root imported them.
    ///   - overrides: What to take instead of what the modules say.
    ///   - requestValues: Types of values that every ``CallScope`` is seeded with. Providers that depend on one are
    ///     request-scoped.
    ///   - logger: For what must not be thrown.
    package init(
        root: any Module.Type, modules: [DynamicModule] = [], overrides: [ProviderOverride] = [],
        requestValues: [any Any.Type] = [], logger: Logger
    ) {
        let replacements = overrides.compactMap(\.module)
        let scan = ModuleScanner(root: root, modules: modules, replacements: replacements)
        let registry = ProviderRegistry(scan.nodes, order: scan.order, overrides: overrides.compactMap(\.provider))
        let exports = ExportResolver(registry.nodes, order: scan.order, replacements: replacements)
        visibility = Visibility(nodes: exports.nodes, requestValues: Set(requestValues.map { Token($0) }))
        let linker = DependencyLinker(registry.records, visibility)
        let ordered = DependencyOrder(linker.records)
        records = ordered.records
        order = ordered.order
        self.logger = logger
        problems = scan.problems + registry.problems + exports.problems + linker.problems + ordered.problems
        controllers = registry.controllers.map { entry in
            ControllerEntry(
                type: entry.type, module: entry.module,
                isRequestScoped: ordered.records[entry.record].lifetime == .request, record: entry.record)
        }
    }

    /// Throws all that is wrong with it at once, and with what was found elsewhere.
    package func check(also problems: [String] = []) throws(WiringError) {
        let all = self.problems + problems
        guard all.isEmpty else { throw WiringError(all) }
    }
}

// MARK: - What no module lists

extension ApplicationGraph {
    /// What is wrong with making a guard or another type on demand; nothing when it is a provider there.
    package func checkDependencies(of type: any Injectable.Type, in module: ModuleHandle) -> [String] {
        if case .record = visibility.find(Token(type), from: module) { return [] }
        return unlisted(type, in: module, id: records.count).problems
    }

    /// Whether an object of the type lives for one message or request, if it is asked for there.
    package func isRequestScoped(_ type: any Injectable.Type, in module: ModuleHandle) -> Bool {
        if case .record(let id) = visibility.find(Token(type), from: module) { return records[id].needsScope }
        return unlisted(type, in: module, id: records.count).record.needsScope
    }

    func unlisted(
        _ type: any Injectable.Type, in module: ModuleHandle, id: Int
    ) -> (record: ProviderRecord, problems: [String]) {
        let plain = ProviderRecord(id: id, module: module, provider: Provider(type), role: .unlisted)
        let (record, problems) = DependencyLinker.link(plain, visibility, records)
        let needsScope = record.needsScope || record.dependencies.contains { records[$0].needsScope }
        return (record.linked(to: record.dependencies, needsScope: needsScope), problems)
    }
}
