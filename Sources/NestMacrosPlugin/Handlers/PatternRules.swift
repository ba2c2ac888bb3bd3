import SwiftSyntax

/// The grammar of patterns, checked where one is written out.
enum PatternRules {
    static func allow(
        _ name: String, at node: ExprSyntax, of marker: AttributeSyntax, reporting problems: inout Problems
    ) -> Bool {
        guard let problem = problem(of: name, marker: marker.shortName) else { return true }
        problems.error(at: node, problem)
        return false
    }

    static func allow(
        _ object: DictionaryExprSyntax, of marker: AttributeSyntax, reporting problems: inout Problems
    ) -> Bool {
        guard case .colon = object.content else { return true }
        problems.error(
            at: object, "an object pattern needs a field: write `@\(marker.shortName)([\"cmd\": \"sum\"])`")
        return false
    }

    private static func problem(of name: String, marker: String) -> String? {
        if name.isEmpty { return "a pattern cannot be empty: write `@\(marker)(\"orders.create\")`" }
        if name.hasPrefix("{") { return nil }
        let tokens = name.split(separator: ".", omittingEmptySubsequences: false)
        if tokens.contains(where: \.isEmpty) {
            return "the pattern `\(name)` has an empty token: write one dot between two tokens and none at the ends"
        }
        if tokens.dropLast().contains(">") {
            return "`>` stands for the rest of the name: write it last, or `*` for one token"
        }
        let mixed = tokens.first { $0.count > 1 && ($0.contains("*") || $0.contains(">")) }
        return mixed.map { "a wildcard is a whole token: write `*` in the place of `\($0)`" }
    }
}
