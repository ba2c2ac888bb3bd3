/// In which order to make everything, and who depends on a request.
struct DependencyOrder {
    private(set) var records: [ProviderRecord]
    /// Dependencies before those that need them.
    private(set) var order: [Int] = []
    private(set) var problems: [String] = []

    private var visited: Set<Int> = []
    /// From a record down to the dependency being visited.
    private var path: [Int] = []

    init(_ records: [ProviderRecord]) {
        self.records = records
        for id in records.indices { visit(id) }
        for record in self.records where record.role == .module && record.needsScope {
            problems.append(
                "\(record.module) lives as long as the application, but \(reason(record)) lives for one request only")
        }
    }

    private mutating func visit(_ id: Int) {
        if let start = path.firstIndex(of: id) { return reportCycle(path[start...]) }
        guard visited.insert(id).inserted else { return }
        path.append(id)
        for dependency in records[id].dependencies {
            visit(dependency)
            guard records[dependency].needsScope, !records[id].needsScope else { continue }
            records[id] = records[id].linked(to: records[id].dependencies, needsScope: true)
        }
        path.removeLast()
        order.append(id)
    }

    private mutating func reportCycle(_ cycle: ArraySlice<Int>) {
        let labels = (cycle + [cycle[cycle.startIndex]]).map { records[$0].label }
        problems.append(
            "\(records[cycle[cycle.startIndex]].module): each needs the next to be made: "
                + labels.joined(separator: " → "))
    }

    private func reason(_ record: ProviderRecord) -> String {
        record.dependencies.map { records[$0] }.first { $0.needsScope }.map { $0.label } ?? record.label
    }
}
