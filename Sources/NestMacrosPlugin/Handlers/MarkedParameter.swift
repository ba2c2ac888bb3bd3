import SwiftSyntax

/// A parameter of a route whose source is known, and the code that reads it.
struct MarkedParameter {
    private let parameter: FunctionParameterSyntax
    private let attribute: AttributeSyntax?
    private let source: ParameterSource
    private let route: Route

    init(
        _ parameter: FunctionParameterSyntax, _ attribute: AttributeSyntax?, _ source: ParameterSource, _ route: Route
    ) {
        self.parameter = parameter
        self.attribute = attribute
        self.source = source
        self.route = route
    }

    func isAlone(reporting problems: inout Problems) -> Bool {
        guard let second = parameter.sources.dropFirst().first else { return true }
        problems.error(
            at: second.attribute, "a parameter comes from one place: remove @\(second.source.rawValue) or the other one"
        )
        return false
    }

    /// Nil after reporting why there is none.
    func argument(reporting problems: inout Problems) -> RouteArgument? {
        if source == .headers, attribute?.unlabeledArguments.isEmpty != false {
            return allHeaders(reporting: &problems)
        }
        guard let name = name(reporting: &problems), isDefaultPossible(reporting: &problems),
            source != .param || isInPath(name, reporting: &problems)
        else { return nil }
        let type = UnwrappedType(parameter.type)
        let fallback = defaultValue
        switch source {
        case .param, .query, .headers, .cookie:
            let method = source == .headers ? "header" : "\(source)"
            let arguments = fallback.map { "as: \(type.metatype), default: \($0)" } ?? "as: \(type.fullMetatype)"
            return RouteArgument("call.\(method)(\(name.code), \(arguments))", tries: true)
        case .queries, .form:
            return RouteArgument("call.\(source)(as: \(type.metatype))", tries: true, awaits: true)
        case .body:
            let code = fallback.map { "call.body(as: \(type.optional).self) ?? \($0)" }
            return RouteArgument(code ?? "call.body(as: \(type.fullMetatype))", tries: true, awaits: true)
        }
    }

    /// Nil for `nil`, which an optional type says already.
    private var defaultValue: String? {
        guard let value = parameter.defaultValue?.value, !value.is(NilLiteralExprSyntax.self) else { return nil }
        return value.trimmedDescription
    }

    private func allHeaders(reporting problems: inout Problems) -> RouteArgument? {
        if parameter.type.lastName == "HTTPFields" { return RouteArgument("call.context.httpHeaders") }
        let name = (parameter.valueName ?? "if-match").kebabCased
        problems.error(
            at: attribute.map(Syntax.init) ?? Syntax(parameter),
            "@Headers needs a header's name: write `@Headers(\"\(name)\")`")
        return nil
    }
}

// MARK: - Names

extension MarkedParameter {
    /// The name under which a value is found: its code, its text when that is written out, and where it stands.
    private struct Name {
        var code: String
        var text: String?
        var node: Syntax
    }

    private func name(reporting problems: inout Problems) -> Name? {
        guard let written = attribute?.unlabeledArguments.first, source.isNamed else {
            return ownName(reporting: &problems)
        }
        if written.stringValue == "" {
            let example = parameter.valueName ?? "id"
            problems.error(at: written, "@\(source.rawValue) needs a name: write `@\(source.rawValue)(\"\(example)\")`")
            return nil
        }
        return Name(code: written.trimmedDescription, text: written.stringValue, node: Syntax(written))
    }

    /// That of the parameter.
    private func ownName(reporting problems: inout Problems) -> Name? {
        let node = attribute.map(Syntax.init) ?? Syntax(parameter)
        if let surplus = attribute?.unlabeledArguments.first {
            problems.error(
                at: surplus,
                "@\(source.rawValue) takes the whole of it: declare a type with the field, and remove the name")
            return nil
        }
        guard source.isNamed else { return Name(code: "", text: nil, node: node) }
        guard let name = parameter.valueName else {
            problems.error(
                at: node, "a parameter called `_` has no name to look for: write `@\(source.rawValue)(\"id\")`")
            return nil
        }
        return Name(code: "\"\(name)\"", text: name, node: node)
    }

    private func isInPath(_ name: Name, reporting problems: inout Problems) -> Bool {
        guard let text = name.text, let names = route.names, !names.contains(text) else { return true }
        let known = names.isEmpty ? "" : "take " + names.map { "`\($0)`" }.joined(separator: " or ") + ", or "
        problems.error(
            at: name.node,
            "`\(route.name)` has no `:\(text)`: \(known)put `:\(text)` into the path of @\(route.marker.shortName)")
        return false
    }

    private func isDefaultPossible(reporting problems: inout Problems) -> Bool {
        guard let value = parameter.defaultValue else { return true }
        if source == .param {
            problems.error(
                at: value, "a request that comes here has this part of the path: remove the default value")
        } else if source == .queries || source == .form {
            problems.error(
                at: value, "@\(source.rawValue) is made of what is there: give default values to the fields of its type"
            )
        } else {
            return true
        }
        return false
    }
}

extension String {
    /// `if-match` of `ifMatch`.
    fileprivate var kebabCased: String {
        var text = ""
        for character in self {
            if character.isUppercase, !text.isEmpty { text += "-" }
            text += character.lowercased()
        }
        return text
    }
}
