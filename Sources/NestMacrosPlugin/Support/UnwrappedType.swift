import SwiftSyntax

/// A type and whether it is optional: as the container is asked for it, as a message reads it.
struct UnwrappedType {
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
    var metatype: String { "\(enclosed).self" }

    /// The same for an optional as an optional: `Repo?.self`.
    var fullMetatype: String { isOptional ? "\(optional).self" : metatype }

    /// `Repo` of `Store.Repo`, nil for a type that is no name.
    var lastName: String? {
        wrapped.as(MemberTypeSyntax.self)?.name.text ?? wrapped.as(IdentifierTypeSyntax.self)?.name.text
    }

    /// `Repo`, or `Repo?` when it is optional, however that is written.
    var text: String { isOptional ? optional : "\(wrapped)" }

    /// `Repo?`, `(any Clock)?`, whether it is optional itself or not.
    var optional: String { "\(enclosed)?" }

    /// With parentheses where something may follow only then.
    private var enclosed: String {
        let isPlain =
            wrapped.is(IdentifierTypeSyntax.self) || wrapped.is(MemberTypeSyntax.self)
            || wrapped.is(ArrayTypeSyntax.self) || wrapped.is(DictionaryTypeSyntax.self)
            || wrapped.is(TupleTypeSyntax.self)
        return isPlain ? "\(wrapped)" : "(\(wrapped))"
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
