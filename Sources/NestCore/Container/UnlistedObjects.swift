import Synchronization

/// Singletons that no module lists, such as guards: one for each type and module that uses it.
final class UnlistedObjects: Sendable {
    struct Entry: Sendable {
        let record: ProviderRecord
        let cell: InstanceCell
    }

    private struct Key: Hashable {
        var type: ObjectIdentifier
        var module: ModuleHandle
    }

    private let entries = Mutex<[Key: Entry]>([:])

    func entry(for type: any Injectable.Type, in module: ModuleHandle, _ graph: ApplicationGraph) -> Entry {
        entries.withLock { entries in
            let key = Key(type: ObjectIdentifier(type), module: module)
            if let entry = entries[key] { return entry }
            let id = graph.records.count + entries.count
            let entry = Entry(record: graph.unlisted(type, in: module, id: id).record, cell: InstanceCell())
            entries[key] = entry
            return entry
        }
    }

    /// Lets go of the objects.
    func clear() {
        let cells = entries.withLock { $0.values.map(\.cell) }
        for cell in cells { cell.clear() }
    }
}
