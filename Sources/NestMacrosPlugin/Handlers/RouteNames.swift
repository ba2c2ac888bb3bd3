import SwiftSyntax

/// The parameters in a path that is written out: `:id` for a segment, `*rest` for all that are left.
enum RouteNames {
    static func names(in path: String) -> [String] { path.split(separator: "/").compactMap(name) }

    /// `/orders/:` of `/orders/:id`.
    static func withoutNames(_ path: String) -> String {
        path.split(separator: "/").map { name(of: $0) == nil ? String($0) : String($0.prefix(1)) }
            .joined(separator: "/")
    }

    /// Reports a path that no request can have or that was meant otherwise.
    static func allow(_ path: String, at node: ExprSyntax, reporting problems: inout Problems) -> Bool {
        guard let problem = problem(in: path) else { return true }
        problems.error(at: node, problem)
        return false
    }

    private static func problem(in path: String) -> String? {
        let segments = path.split(separator: "/")
        if path.contains("?") { return "a path ends before the `?`: take what comes after it with `@Query`" }
        if segments.contains(":") { return "a parameter of a path needs a name: write `:id`" }
        if let braces = segments.first(where: { $0.hasPrefix("{") && $0.hasSuffix("}") }) {
            return "`\(braces)` would be taken as it stands: write `:\(braces.dropFirst().dropLast())`"
        }
        if segments.dropLast().contains(where: { $0.hasPrefix("*") }) {
            return "`*` stands for all that is left of a path: write it last, or `:id` for one segment"
        }
        return nil
    }

    private static func name(of segment: Substring) -> String? {
        if segment.hasPrefix(":") { return String(segment.dropFirst()) }
        return segment.hasPrefix("*") ? (segment.count > 1 ? String(segment.dropFirst()) : "*") : nil
    }
}
