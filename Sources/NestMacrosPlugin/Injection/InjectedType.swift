import SwiftSyntax

/// A type as the container is asked for it.
struct InjectedType {
    /// Without the optional around it.
    private let wrapped: TypeSyntax
    let isOptional: Bool

    init(_ type: TypeSyntax) {
        let bare = type.withoutParameterSpecifiers
        if let optional = bare.as(OptionalTypeSyntax.self) {
            (wrapped, isOptional) = (optional.wrappedType.trimmed, true)
        } else if let optional = bare.as(ImplicitlyUnwrappedOptionalTypeSyntax.self) {
            (wrapped, isOptional) = (optional.wrappedType.trimmed, true)
        } else if let argument = bare.optionalArgument {
            (wrapped, isOptional) = (argument, true)
        } else {
            (wrapped, isOptional) = (bare, false)
        }
    }

    /// `Repo.self`, `(any Clock).self`.
    var metatype: String {
        let isPlain =
            wrapped.is(IdentifierTypeSyntax.self) || wrapped.is(MemberTypeSyntax.self)
            || wrapped.is(ArrayTypeSyntax.self) || wrapped.is(DictionaryTypeSyntax.self)
            || wrapped.is(TupleTypeSyntax.self)
        return isPlain ? "\(wrapped).self" : "(\(wrapped)).self"
    }
}

extension TypeSyntax {
    /// The type without what only a parameter may say: `@escaping`, `consuming`, `sending`. `@Sendable` stays.
    var withoutParameterSpecifiers: TypeSyntax {
        guard let attributed = self.as(AttributedTypeSyntax.self) else { return trimmed }
        let kept = attributed.attributes.filter { attribute in
            let name = attribute.as(AttributeSyntax.self)?.shortName
            return name != "escaping" && name != "autoclosure"
        }
        guard !kept.isEmpty else { return attributed.baseType.trimmed }
        return TypeSyntax(attributed.with(\.specifiers, []).with(\.attributes, kept)).trimmed
    }

    /// `T` of `Optional<T>`.
    fileprivate var optionalArgument: TypeSyntax? {
        guard let identifier = self.as(IdentifierTypeSyntax.self), identifier.name.text == "Optional",
            let argument = identifier.genericArgumentClause?.arguments.first?.argument
        else { return nil }
        return TypeSyntax(argument)?.trimmed
    }
}
