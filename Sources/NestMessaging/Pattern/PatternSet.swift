/// The patterns a service listens to: says whether a name is covered by any of them.
package struct PatternSet: Sendable {
    private var exact: Set<String> = []
    private var wildcards: [WildcardPattern] = []

    package init(_ patterns: some Sequence<Pattern>) {
        for pattern in patterns {
            if pattern.hasWildcards {
                wildcards.append(WildcardPattern(pattern))
            } else {
                exact.insert(pattern.name)
            }
        }
    }

    package var isEmpty: Bool { exact.isEmpty && wildcards.isEmpty }

    package mutating func formUnion(_ other: PatternSet) {
        exact.formUnion(other.exact)
        for pattern in other.wildcards where !wildcards.contains(where: { $0.tokens == pattern.tokens }) {
            wildcards.append(pattern)
        }
    }

    /// True when one of the patterns covers the name.
    package func covers(_ name: String) -> Bool {
        if exact.contains(name) { return true }
        guard !wildcards.isEmpty else { return false }
        var name = name
        return name.withUTF8 { bytes in wildcards.contains { $0.matches(UnsafeRawBufferPointer(bytes)) } }
    }
}
