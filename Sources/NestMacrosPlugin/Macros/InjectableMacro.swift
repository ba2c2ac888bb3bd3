import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// `@Injectable`: the members go into the type's body, where names of surrounding types are known, and the extension
/// says that it conforms.
struct InjectableMacro: MemberMacro, ExtensionMacro {
    static var formatMode: FormatMode { .disabled }

    static func expansion(
        of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        defer { problems.report(to: context) }
        guard let type = type(declaration, node, context, reporting: &problems) else { return [] }
        var members = InjectionMembers(of: type, for: node, reporting: &problems).code
        let listeners = EventListenerHandlers(of: type, reporting: &problems)
        if let member = listeners.member(of: type) { members.append(member) }
        return members.map { DeclSyntax(stringLiteral: $0) }
    }

    static func expansion(
        of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        var reportedByMembers = Problems()
        guard let annotated = Self.type(declaration, node, context, reporting: &reportedByMembers) else { return [] }
        var conformances = ["NestCore.Injectable"]
        if EventListenerHandlers.mark(annotated) { conformances.append("NestMessaging.EventListener") }
        return Conformances.extend(type, with: conformances, missing: protocols)
    }

    private static func type(
        _ declaration: some DeclGroupSyntax, _ node: AttributeSyntax, _ context: some MacroExpansionContext,
        reporting problems: inout Problems
    ) -> AnnotatedType? {
        guard let type = AnnotatedType(declaration, in: context) else { return nil }
        if declaration.attributes.named("Controller").first != nil {
            problems.error(
                at: node,
                "@Controller does what @Injectable does: remove @Injectable, "
                    + "and give a scope to the controller: `@Controller(scope: .request)`")
            return nil
        }
        return type.canBeInjected(as: node, reporting: &problems) ? type : nil
    }
}
