import SwiftSyntax

/// A stored property of an instance.
struct StoredProperty {
    /// The token of the source, so that a diagnostic finds its place.
    let name: TokenSyntax
    /// Nil when it is left to be inferred.
    let type: TypeSyntax?
    /// True when Swift gives it a value that no init has to: a written one, or the nil of `var x: T?`.
    let hasValue: Bool
    /// The value that is written, if one is.
    let value: ExprSyntax?
    private let isConstant: Bool
    /// The code of the name in `@Inject("NAME")`.
    let injectedName: String?

    /// The stored properties of a type, in order. Static, lazy and computed ones are none.
    static func all(of type: AnnotatedType) -> [StoredProperty] {
        type.members.compactMap { $0.as(VariableDeclSyntax.self) }.flatMap(properties(of:))
    }

    /// A name before a comma shares the type that follows: `let a, b: Int`.
    static func properties(of variable: VariableDeclSyntax) -> [StoredProperty] {
        guard variable.isStoredInInstances else { return [] }
        var type: TypeSyntax?
        var found: [StoredProperty] = []
        for binding in variable.bindings.reversed() {
            if let own = binding.typeAnnotation?.type {
                type = own.trimmed
            } else if binding.initializer != nil {
                type = nil
            }
            guard !binding.isComputed, let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier else {
                continue
            }
            found.append(
                StoredProperty(
                    name: name, type: type, hasValue: binding.hasValue(of: type, in: variable),
                    value: binding.initializer?.value, isConstant: !variable.isVar, injectedName: variable.injectedName)
            )
        }
        return found.reversed()
    }

    /// True when no init can give it another value.
    var isFixed: Bool { isConstant && value != nil }

    /// The type of a literal.
    var guessedType: String? {
        switch value?.kind {
        case .stringLiteralExpr: "String"
        case .integerLiteralExpr: "Int"
        case .floatLiteralExpr: "Double"
        case .booleanLiteralExpr: "Bool"
        default: nil
        }
    }

    /// True when the container provides its value.
    var isInjected: Bool { !hasValue || injectedName != nil }

    var parameter: InjectedParameter? {
        type.map { InjectedParameter(label: name.labelText, type: UnwrappedType($0), name: injectedName) }
    }
}

extension VariableDeclSyntax {
    fileprivate var isStoredInInstances: Bool {
        ![Keyword.static, .class, .lazy].contains { modifiers.contains($0) }
    }

    fileprivate var isVar: Bool { bindingSpecifier.tokenKind == .keyword(.var) }

    fileprivate var injectedName: String? {
        attributes.named("Inject").first?.unlabeledArguments.first?.trimmedDescription
    }

    fileprivate func startsAsNil(_ type: TypeSyntax?) -> Bool {
        guard isVar, let type else { return false }
        return type.is(OptionalTypeSyntax.self) || type.is(ImplicitlyUnwrappedOptionalTypeSyntax.self)
    }
}

extension PatternBindingSyntax {
    /// `willSet` and `didSet` only watch a stored property.
    fileprivate var isComputed: Bool {
        switch accessorBlock?.accessors {
        case nil: false
        case .getter: true
        case .accessors(let list):
            !list.allSatisfy { [.keyword(.willSet), .keyword(.didSet)].contains($0.accessorSpecifier.tokenKind) }
        }
    }

    fileprivate func hasValue(of type: TypeSyntax?, in variable: VariableDeclSyntax) -> Bool {
        initializer != nil || variable.startsAsNil(type)
    }
}
