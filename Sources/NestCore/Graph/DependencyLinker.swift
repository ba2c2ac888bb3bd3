/// Joins what providers ask for with what their modules can see.
struct DependencyLinker {
    private(set) var records: [ProviderRecord]
    private(set) var problems: [String] = []

    private let visibility: Visibility

    init(_ records: [ProviderRecord], _ visibility: Visibility) {
        self.records = records
        self.visibility = visibility
        for id in records.indices {
            let (record, faults) = Self.link(records[id], visibility, records)
            self.records[id] = record
            problems += faults
        }
    }

    /// The record with its dependencies, and what is wrong with them.
    static func link(
        _ record: ProviderRecord, _ visibility: Visibility, _ records: [ProviderRecord]
    ) -> (ProviderRecord, [String]) {
        var problems: [String] = []
        var dependencies: [Int] = []
        var needsScope = record.provider.declaredScope == .request
        for dependency in record.provider.dependencies {
            switch visibility.find(dependency.token, from: record.module) {
            case .record(let id): dependencies.append(id)
            case .requestValue: needsScope = true
            case .moduleRef: break
            case .ambiguous(let ids): problems.append(ambiguity(dependency.token, record, ids.map { records[$0] }))
            case .nothing where dependency.isOptional: break
            case .nothing: problems.append(missing(dependency.token, record, visibility))
            }
        }
        return (record.linked(to: dependencies, needsScope: needsScope), problems)
    }

    private static func missing(_ token: Token, _ record: ProviderRecord, _ visibility: Visibility) -> String {
        "\(record.module): \(record.label) needs \(token), which \(record.module) neither provides nor imports"
            + visibility.hint(about: token, from: record.module)
    }

    private static func ambiguity(_ token: Token, _ record: ProviderRecord, _ found: [ProviderRecord]) -> String {
        let homes = found.map(\.module.name).joined(separator: " and from ")
        return "\(record.module): \(record.label) needs \(token), which comes from \(homes): give them names, or "
            + "import one of them only"
    }
}
