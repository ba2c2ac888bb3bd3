import SwiftParser
import SwiftSyntax

extension AttributeSyntax {
    /// The attribute's name without a module: `Controller` for `@NestMacros.Controller`.
    var shortName: String {
        if let member = attributeName.as(MemberTypeSyntax.self) { return member.name.text }
        return attributeName.as(IdentifierTypeSyntax.self)?.name.text ?? attributeName.trimmedDescription
    }

    /// What stands between its parentheses.
    var labeledArguments: [LabeledExprSyntax] {
        guard case .argumentList(let list)? = arguments else { return [] }
        return Array(list)
    }

    /// The arguments without a label, in order.
    var unlabeledArguments: [ExprSyntax] { labeledArguments.filter { $0.label == nil }.map(\.expression) }

    func argument(_ label: String) -> ExprSyntax? {
        labeledArguments.first { $0.label?.text == label }?.expression
    }
}

extension AttributeListSyntax {
    /// Its attributes of these names, in order. Attributes inside `#if` are left out.
    func named(_ names: String...) -> [AttributeSyntax] {
        compactMap { $0.as(AttributeSyntax.self) }.filter { names.contains($0.shortName) }
    }
}

extension ExprSyntax {
    /// `Orders` of `Orders.self`.
    var metatypeBase: ExprSyntax? {
        guard let member = self.as(MemberAccessExprSyntax.self), member.declName.baseName.tokenKind == .keyword(.self)
        else { return nil }
        return member.base
    }

    /// The text of a string literal without interpolations.
    var stringValue: String? { self.as(StringLiteralExprSyntax.self)?.representedLiteralValue }

    /// `true` or `false`, when it is written out.
    var booleanValue: Bool? {
        switch self.as(BooleanLiteralExprSyntax.self)?.literal.tokenKind {
        case .keyword(.true): true
        case .keyword(.false): false
        default: nil
        }
    }

    /// The expression as an argument of `wrapper`, or as it is when it is a call of `wrapper` already.
    func wrapped(in wrapper: String) -> String {
        let callee = self.as(FunctionCallExprSyntax.self)?.calledExpression.trimmedDescription
        if let callee, wrapper == callee || wrapper.hasSuffix("." + callee) { return trimmedDescription }
        return "\(wrapper)(\(trimmedDescription))"
    }
}
