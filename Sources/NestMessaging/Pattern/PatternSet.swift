/// The patterns a service listens to: says whether a name is covered by any of them.
package struct PatternSet: Sendable {
    private var patterns: Set<Pattern>
    private var table: RouteTable<Bool>

    package init(_ patterns: some Sequence<Pattern>) {
        self.init(all: Set(patterns))
    }

    private init(all patterns: Set<Pattern>) {
        self.patterns = patterns
        let exact = patterns.filter { !$0.hasWildcards }.map { ($0.name, true) }
        table = RouteTable(
            exact: Dictionary(uniqueKeysWithValues: exact),
            wildcards: patterns.filter(\.hasWildcards).map { ($0, true) })
    }

    package var isEmpty: Bool { patterns.isEmpty }

    package mutating func formUnion(_ other: PatternSet) {
        self = PatternSet(all: patterns.union(other.patterns))
    }

    /// True when one of the patterns covers the name.
    package func covers(_ name: String) -> Bool {
        guard !isEmpty else { return false }
        var name = name
        return name.withUTF8 { covers(UnsafeRawBufferPointer($0)) }
    }

    /// True when one of the patterns covers a message's. Every event is asked for this: no string is made.
    package func covers(_ message: IncomingMessage) -> Bool {
        !isEmpty && message.frame.withUnsafeBytes(in: message.patternRange, covers)
    }

    private func covers(_ name: UnsafeRawBufferPointer) -> Bool { table.best(name) ?? false }
}
