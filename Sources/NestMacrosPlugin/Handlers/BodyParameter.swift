import SwiftSyntax

/// The one parameter of a route that is made of the request's body.
struct BodyParameter {
    private let marked: FunctionParameterSyntax?
    private var taken: FunctionParameterSyntax?

    init(of method: HandlerMethod) {
        marked = method.parameters.first { parameter in parameter.sources.contains { $0.source.isBody } }
    }

    /// For a parameter with `@Body` or `@Form`. False, with the reason reported, when there is no body for it.
    mutating func take(
        _ parameter: FunctionParameterSyntax, _ attribute: AttributeSyntax, of route: Route,
        reporting problems: inout Problems
    ) -> Bool {
        guard route.hasBody else {
            let name = parameter.valueName ?? "filter"
            problems.error(
                at: attribute,
                "a request for @\(route.marker.shortName) has no body: take `\(name)` with @Query or @Queries, "
                    + "or use @Post")
            return false
        }
        guard let taken else {
            self.taken = parameter
            return true
        }
        problems.error(
            at: attribute, "`\(taken.valueName ?? "_")` is the body already: make one type of both")
        return false
    }

    /// For a parameter without an attribute. False, with the reason reported, when it could be anything.
    mutating func takeUnmarked(
        _ parameter: FunctionParameterSyntax, of route: Route, reporting problems: inout Problems
    ) -> Bool {
        if route.hasBody, marked == nil, taken == nil, !parameter.type.isScalar {
            taken = parameter
            return true
        }
        guard let name = parameter.valueName else {
            problems.error(
                at: parameter,
                "nothing says where a parameter called `_` comes from: write `@Query(\"name\")` before it")
            return false
        }
        let written = parameter.withAttribute("Query")
        let canBeBody = route.hasBody && marked == nil && taken == nil
        problems.error(
            at: parameter,
            "nothing says where `\(name)` comes from: write `\(written.text)`\(canBeBody ? " or `@Body`" : ""), "
                + "or put `:\(name)` into the path of @\(route.marker.shortName)",
            fix: .replace("write @Query", parameter, with: written.syntax))
        return false
    }
}

extension FunctionParameterSyntax {
    /// The parameter as it would be with one more attribute, and how that reads.
    fileprivate func withAttribute(_ name: String) -> (syntax: FunctionParameterSyntax, text: String) {
        var attribute = AttributeSyntax(attributeName: IdentifierTypeSyntax(name: .identifier(name)))
        attribute.leadingTrivia = leadingTrivia
        attribute.trailingTrivia = .space
        var changed = self
        changed.leadingTrivia = []
        changed.attributes.insert(.attribute(attribute), at: changed.attributes.startIndex)
        let shown = changed.with(\.trailingComma, nil).with(\.defaultValue, nil)
        return (changed, shown.trimmedDescription)
    }
}

extension TypeSyntax {
    /// A single value as it stands in a path or a query: as a body it would be a surprise.
    fileprivate var isScalar: Bool {
        let names = [
            "String", "Substring", "Int", "Int64", "UInt", "Double", "Float", "Bool", "UUID", "Date", "Character",
        ]
        return UnwrappedType(self).lastName.map(names.contains) ?? false
    }
}
