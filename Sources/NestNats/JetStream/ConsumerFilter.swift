/// Which of a stream's events a group's consumer delivers.
struct ConsumerFilter: Sendable, Equatable {
    /// Subjects of which no two have a name in common, in order; empty: everything the stream keeps.
    let subjects: [String]

    static let everything = ConsumerFilter(subjects: [])

    /// More are not worth their while.
    private static let maxCount = 32

    private init(subjects: [String]) { self.subjects = subjects }

    /// As a consumer has it.
    init(_ filters: JetStreamWire.Filters?) {
        let one = filters?.filter_subject.map { [$0] } ?? []
        subjects = ((filters?.filter_subjects ?? []) + one).filter { !$0.isEmpty }.sorted()
    }

    /// The events there are handlers for, as far as the stream keeps them.
    init(of patterns: [Pattern], _ options: JetStreamOptions, _ subjects: NatsSubjects) {
        let streamed = options.subjects.map { subjects.subject(of: Pattern($0)) }
        let wanted = patterns.map { subjects.subject(of: $0) }
        guard options.filtersEvents else {
            self.init(subjects: [])
            return
        }
        var parts: [String] = []
        for subject in wanted {
            for stream in streamed where Pattern(stream).overlaps(Pattern(subject)) {
                if Pattern(stream).includes(Pattern(subject)) {
                    parts.append(subject)
                } else {
                    // All of the stream's subject; more than is wanted where neither holds the other.
                    parts.append(stream)
                }
            }
        }
        let isWhole = streamed.allSatisfy { stream in parts.contains { Pattern($0).includes(Pattern(stream)) } }
        self.init(subjects: isWhole ? [] : Self.distinct(parts))
    }

    /// Without those that lie in another. Nothing, which is everything, when some have only a part in common: a server
    /// does not take such filters.
    private static func distinct(_ subjects: [String]) -> [String] {
        var found: [String] = []
        for subject in Set(subjects).sorted() {
            if found.contains(where: { Pattern($0).includes(Pattern(subject)) }) { continue }
            found.removeAll { Pattern(subject).includes(Pattern($0)) }
            if found.contains(where: { Pattern($0).overlaps(Pattern(subject)) }) { return [] }
            found.append(subject)
        }
        return found.count > maxCount ? [] : found.sorted()
    }

    /// True when everything the other delivers is delivered.
    func covers(_ other: ConsumerFilter) -> Bool {
        if subjects.isEmpty { return true }
        guard !other.subjects.isEmpty else { return false }
        return other.subjects.allSatisfy { wanted in subjects.contains { Pattern($0).includes(Pattern(wanted)) } }
    }

    /// What either of them delivers.
    func widened(by other: ConsumerFilter) -> ConsumerFilter {
        if subjects.isEmpty || other.subjects.isEmpty { return .everything }
        return ConsumerFilter(subjects: Self.distinct(subjects + other.subjects))
    }

    /// As JetStream wants it. A server that does not know several ignores them, and delivers everything.
    var filters: JetStreamWire.Filters {
        JetStreamWire.Filters(
            filter_subject: subjects.count == 1 ? subjects[0] : nil,
            filter_subjects: subjects.count > 1 ? subjects : nil)
    }

    /// A consumer's configuration with this filter instead of its own.
    func set(in config: JSONValue) -> JSONValue {
        guard case .object(var members) = config else { return config }
        members["filter_subject"] = filters.filter_subject.map { .string($0) }
        members["filter_subjects"] = filters.filter_subjects.map { .array($0.map { .string($0) }) }
        return .object(members)
    }
}

extension ConsumerFilter: CustomStringConvertible {
    var description: String { subjects.isEmpty ? "all events" : subjects.joined(separator: " ") }
}
