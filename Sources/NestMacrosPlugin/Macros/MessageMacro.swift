import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// `@Message`: what names the properties' types goes into the type's body, where names of surrounding types are known;
/// the init goes into an extension, because in the body it would cost the struct its memberwise init.
struct MessageMacro: MemberMacro, ExtensionMacro {
    static var formatMode: FormatMode { .disabled }

    static func expansion(
        of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        defer { problems.report(to: context) }
        let code = code(declaration, node, context, reporting: &problems)
        return [code?.readMember].compactMap { $0 }.map { DeclSyntax(stringLiteral: $0) }
    }

    static func expansion(
        of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        var reportedByMembers = Problems()
        guard let code = code(declaration, node, context, reporting: &reportedByMembers),
            let text = code.extending(type.trimmedDescription, conforms: !protocols.isEmpty)
        else { return [] }
        return DeclSyntax(stringLiteral: text).as(ExtensionDeclSyntax.self).map { [$0] } ?? []
    }

    /// Nil, with the reasons reported, when the type cannot be a message as it stands.
    private static func code(
        _ declaration: some DeclGroupSyntax, _ node: AttributeSyntax, _ context: some MacroExpansionContext,
        reporting problems: inout Problems
    ) -> MessageCode? {
        guard let type = AnnotatedType(declaration, in: context),
            MessageRules.allow(type, for: node, reporting: &problems)
        else { return nil }
        let code = MessageCode(of: type, reporting: &problems)
        return problems.diagnostics.isEmpty ? code : nil
    }
}
