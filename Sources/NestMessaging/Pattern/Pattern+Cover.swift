extension Pattern {
    /// True when some name is covered by both.
    package func overlaps(_ other: Pattern) -> Bool { Self.overlap(tokens[...], other.tokens[...]) }

    /// True when every name the other covers is covered by this one.
    package func includes(_ other: Pattern) -> Bool { Self.include(tokens[...], other.tokens[...]) }

    private static func overlap(_ left: ArraySlice<Substring>, _ right: ArraySlice<Substring>) -> Bool {
        guard let first = left.first, let second = right.first else { return left.isEmpty && right.isEmpty }
        if first == ">" || second == ">" { return true }
        guard first == "*" || second == "*" || first == second else { return false }
        return overlap(left.dropFirst(), right.dropFirst())
    }

    private static func include(_ wide: ArraySlice<Substring>, _ narrow: ArraySlice<Substring>) -> Bool {
        guard let first = wide.first, let second = narrow.first else { return wide.isEmpty && narrow.isEmpty }
        if first == ">" { return true }
        guard second != ">", first == "*" || (first == second && second != "*") else { return false }
        return include(wide.dropFirst(), narrow.dropFirst())
    }
}
