import SwiftSyntax

/// What `@HTTPCode`, `@Header`, `@Redirect` and `@Blocking` on a route say about its answer.
struct RouteSettings {
    private let method: HandlerMethod
    private let status: AttributeSyntax?
    private let headers: [AttributeSyntax]
    private let redirect: AttributeSyntax?

    /// Nil, with the reason reported, when they contradict each other or the method.
    init?(_ method: HandlerMethod, of route: Route, reporting problems: inout Problems) {
        self.method = method
        status = method.attributes("HTTPCode").first
        headers = method.attributes("Header")
        redirect = method.attributes("Redirect").first
        guard isStatusPossible(reporting: &problems), isRedirectPossible(reporting: &problems),
            isEventStreamPossible(route, reporting: &problems)
        else { return nil }
    }

    /// `options: …`, nil when there is nothing to say.
    var options: String? {
        var options: [String] = []
        if let code = status?.unlabeledArguments.first { options.append("status: \(code.trimmedDescription)") }
        let fields = headers.map(\.unlabeledArguments).filter { $0.count == 2 }
            .map { "\($0[0].trimmedDescription): \($0[1].trimmedDescription)" }
        if !fields.isEmpty { options.append("headers: [\(fields.joined(separator: ", "))]") }
        if !method.attributes("Blocking").isEmpty { options.append("blocking: true") }
        return options.isEmpty ? nil : "options: NestHTTP.HTTPHandlerOptions(\(options.joined(separator: ", ")))"
    }

    /// The closure a handler is made of.
    func closure(around parameters: RouteParameters) -> String {
        let call = parameters.call
        let types = "(controller: \(method.type.name), call: NestHTTP.HTTPCall)"
        guard let redirect = redirectCode else { return "{ \(types) in\n    \(call)\n}" }
        let lines = method.result == nil ? "\(call)\n    return \(redirect)" : "\(call) ?? \(redirect)"
        return "{ \(types) -> NestHTTP.Redirect in\n    \(lines)\n}"
    }

    private var redirectCode: String? {
        redirect.map { attribute in
            let arguments = attribute.labeledArguments.map { $0.expression.trimmedDescription }
            let status = arguments.count > 1 ? ", \(arguments[1])" : ""
            return "NestHTTP.Redirect(\(arguments[0])\(status))"
        }
    }
}

// MARK: - What does not go together

extension RouteSettings {
    private func isStatusPossible(reporting problems: inout Problems) -> Bool {
        guard let status else { return true }
        if let second = method.attributes("HTTPCode").dropFirst().first {
            problems.error(at: second, "a route has one status: remove one @HTTPCode")
            return false
        }
        if redirect != nil {
            problems.error(
                at: status, "@Redirect has a status of its own: write `@Redirect(\"/there\", 301)` and remove @HTTPCode"
            )
            return false
        }
        guard let code = status.unlabeledArguments.first?.integerValue, [204, 205, 304].contains(code),
            let clause = method.function.signature.returnClause, method.result != nil
        else { return true }
        problems.error(at: clause, "a \(code) answer has no body: remove the result, or choose another status")
        return false
    }

    private func isRedirectPossible(reporting problems: inout Problems) -> Bool {
        guard redirect != nil, let clause = method.function.signature.returnClause, let result = method.result else {
            return true
        }
        let type = UnwrappedType(result)
        if type.isOptional, type.lastName == "Redirect" { return true }
        problems.error(
            at: clause,
            "@Redirect answers for the method: remove the result, or return `Redirect?` to go elsewhere at times")
        return false
    }

    private func isEventStreamPossible(_ route: Route, reporting problems: inout Problems) -> Bool {
        guard route.isEventStream else { return true }
        guard method.result == nil else { return true }
        problems.error(
            at: method.function.name,
            "@Sse sends the events that the method returns: write `-> AsyncStream<ServerSentEvent>`")
        return false
    }
}

extension ExprSyntax {
    /// The number of an integer literal.
    var integerValue: Int? { self.as(IntegerLiteralExprSyntax.self)?.representedLiteralValue }
}
