import SwiftDiagnostics
import SwiftSyntax

extension AnnotatedType {
    /// False, with the reason reported, when the container could not make or share values of the type.
    func canBeInjected(as attribute: AttributeSyntax, reporting problems: inout Problems) -> Bool {
        let marker = "@\(attribute.shortName)"
        guard isStruct || isClass || isActor else {
            problems.error(
                at: attribute,
                "\(marker) needs a type with instances: make `\(name)` a struct, a final class or an actor")
            return false
        }
        return isFinal(marker, reporting: &problems) && isVisible(marker, reporting: &problems)
    }

    /// False, with the reason reported, for a type that the extension with the conformance cannot name.
    func isVisible(_ marker: String, reporting problems: inout Problems) -> Bool {
        guard isNested, let modifier = declaration.modifiers.first(where: \.isPrivate) else { return true }
        problems.error(
            at: modifier,
            "\(marker) adds an extension, and none can see a private type inside another: write `fileprivate`",
            fix: .replace(
                "write `fileprivate`", modifier.name,
                with: modifier.name.with(\.tokenKind, .keyword(.fileprivate))))
        return false
    }

    /// False, with the reason reported, for a class that can be inherited from.
    func isFinal(_ marker: String, reporting problems: inout Problems) -> Bool {
        guard let type = declaration.as(ClassDeclSyntax.self), !type.modifiers.contains(.final) else { return true }
        problems.error(
            at: type.classKeyword,
            "\(marker) needs a class that is Sendable and cannot be inherited from: write `final class \(name)`",
            fix: type.modifiers.contains(.open) ? nil : type.fixThatAddsFinal)
        return false
    }
}

extension DeclModifierSyntax {
    fileprivate var isPrivate: Bool { name.tokenKind == .keyword(.private) && detail == nil }
}

extension ClassDeclSyntax {
    fileprivate var fixThatAddsFinal: FixIt {
        var words = TokenSyntax(.identifier("final class"), presence: .present)
        words.leadingTrivia = classKeyword.leadingTrivia
        words.trailingTrivia = classKeyword.trailingTrivia
        return .replace("add `final`", classKeyword, with: words)
    }
}
