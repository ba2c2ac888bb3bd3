import SwiftSyntax

/// What a pattern marker is given: a name, an object, a contract's type, or any other expression of a pattern.
struct PatternArgument {
    enum Form {
        case name(String)
        case object
        /// `CreateOrder` of `CreateOrder.self`.
        case contract(String)
        case expression
    }

    let form: Form
    let expression: ExprSyntax

    /// Nil, with the reason reported, when there is none or it is written wrongly.
    init?(_ marker: AttributeSyntax, reporting problems: inout Problems) {
        guard let expression = marker.unlabeledArguments.first else {
            problems.error(
                at: marker, "@\(marker.shortName) needs a pattern: write `@\(marker.shortName)(\"orders.create\")`")
            return nil
        }
        self.expression = expression.trimmed
        if let name = expression.stringValue {
            form = .name(name)
            guard PatternRules.allow(name, at: expression, of: marker, reporting: &problems) else { return nil }
        } else if let object = expression.as(DictionaryExprSyntax.self) {
            form = .object
            guard PatternRules.allow(object, of: marker, reporting: &problems) else { return nil }
        } else if let base = expression.metatypeBase {
            form = .contract(base.trimmedDescription)
        } else {
            form = .expression
        }
    }

    /// The contract's type.
    var contract: String? { if case .contract(let type) = form { type } else { nil } }

    /// The code of the pattern.
    var code: String { contract.map { "\($0).pattern" } ?? expression.trimmedDescription }

    /// The same for two ways of writing the same pattern, as far as the text shows.
    var identity: String {
        switch form {
        case .name(let name): return "\"\(name)\""
        case .contract, .expression: return code
        case .object:
            guard case .elements(let elements)? = expression.as(DictionaryExprSyntax.self)?.content else { return code }
            let pairs = elements.map { "\($0.key.trimmedDescription):\($0.value.trimmedDescription)" }
            return "[\(pairs.sorted().joined(separator: ","))]"
        }
    }
}
