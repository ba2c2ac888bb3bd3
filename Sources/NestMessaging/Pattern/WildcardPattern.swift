/// A pattern with wildcards, matched on bytes.
package struct WildcardPattern: Sendable {
    package enum Token: Sendable, Equatable {
        case literal([UInt8])
        /// `*`
        case one
        /// `>`
        case rest
    }

    package let tokens: [Token]

    package init(_ pattern: Pattern) {
        tokens = pattern.tokens.map { $0 == "*" ? .one : $0 == ">" ? .rest : .literal(Array($0.utf8)) }
    }

    /// True when the pattern covers `name`. Tokens of `name` may not be empty where a wildcard stands.
    package func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        for (position, token) in tokens.enumerated() {
            guard at <= name.count else { return false }
            if token == .rest { return at < name.count }
            let end = name[at...].firstIndex(of: UInt8(ascii: ".")) ?? name.count
            guard Self.matches(token, name[at..<end]) else { return false }
            let isLast = position == tokens.count - 1
            if isLast { return end == name.count }
            at = end + 1
        }
        return false
    }

    private static func matches(_ token: Token, _ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        switch token {
        case .literal(let bytes): bytes.elementsEqual(text)
        case .one: !text.isEmpty
        case .rest: true
        }
    }

    /// True when this pattern says more about a name than `other`: at the first difference a literal beats `*`, and
    /// `*` beats `>`. Two literals are no difference, so that any set of patterns can be sorted by it.
    package func isMoreSpecific(than other: WildcardPattern) -> Bool {
        for (mine, theirs) in zip(tokens, other.tokens) where Self.rank(mine) != Self.rank(theirs) {
            return Self.rank(mine) > Self.rank(theirs)
        }
        return tokens.count > other.tokens.count
    }

    private static func rank(_ token: Token) -> Int {
        switch token {
        case .literal: 2
        case .one: 1
        case .rest: 0
        }
    }

    /// What the wildcards of `pattern` stand for in `name`, which it covers.
    static func captures(of pattern: Pattern, in name: String) -> [String] {
        guard pattern.hasWildcards else { return [] }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        var captures: [String] = []
        for (position, token) in pattern.tokens.enumerated() where position < parts.count {
            if token == "*" { captures.append(String(parts[position])) }
            if token == ">" { captures.append(parts[position...].joined(separator: ".")) }
        }
        return captures
    }
}
