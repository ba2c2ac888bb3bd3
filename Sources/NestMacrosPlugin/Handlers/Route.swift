import SwiftSyntax

/// What a route's marker says: its method and, as far as it is written out, its path with that of the controller.
struct Route {
    /// The attribute itself, `@Get("/:id")`.
    let marker: AttributeSyntax
    private let expression: ExprSyntax?
    private let prefix: ExprSyntax?

    init(_ marker: AttributeSyntax, of type: AnnotatedType) {
        self.marker = marker
        expression = marker.unlabeledArguments.first
        prefix = type.declaration.attributes.named("Controller").first?.unlabeledArguments.first
    }

    /// The function that makes its handler: `get`.
    var verb: String { isEventStream ? "get" : marker.shortName.lowercased() }
    /// True for `@Sse`.
    var isEventStream: Bool { marker.shortName == "Sse" }
    /// True when requests of its method usually have a body.
    var hasBody: Bool { ["post", "put", "patch", "delete"].contains(verb) }
    /// The code of the method's part of the path.
    var code: String { expression?.trimmedDescription ?? "\"\"" }

    /// `/orders/:id`; nil when some part of it is known only to the running program.
    var path: String? {
        let parts = [prefix, expression].compactMap { $0 }
        let texts = parts.compactMap(\.stringValue)
        guard texts.count == parts.count else { return nil }
        return "/" + texts.flatMap { $0.split(separator: "/") }.joined(separator: "/")
    }

    /// The names in the path, nil when it is not written out.
    var names: [String]? { path.map(RouteNames.names) }

    /// `GET /orders/:id`, as a person calls it.
    var name: String { "\(verb.uppercased()) \(path ?? code)" }

    /// The same for two routes that the same requests would reach, as far as the text shows.
    var identity: String { "\(verb) \(path.map(RouteNames.withoutNames) ?? code)" }

    /// Says what is wrong with the method's part of the path, and with the names that both parts have.
    func isWrittenRightly(reporting problems: inout Problems) -> Bool {
        guard let expression, let text = expression.stringValue else { return true }
        guard RouteNames.allow(text, at: expression, reporting: &problems) else { return false }
        let names = names ?? []
        guard let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) else { return true }
        problems.error(
            at: expression, "`\(names[twice])` stands twice in `\(path ?? text)`: give each part a name of its own")
        return false
    }
}
