import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// `@Controller`: all of `@Injectable`, and the handlers that the families in ``HandlerFamilies`` find.
struct ControllerMacro: MemberMacro, ExtensionMacro {
    static var formatMode: FormatMode { .disabled }

    static func expansion(
        of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        defer { problems.report(to: context) }
        guard let type = type(declaration, node, context, reporting: &problems) else { return [] }
        var members = InjectionMembers(of: type, for: node, reporting: &problems).code
        members += settings(of: type, node, reporting: &problems)
        members += handlers(of: type, node, reporting: &problems)
        return members.map { DeclSyntax(stringLiteral: $0) }
    }

    static func expansion(
        of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        var reportedByMembers = Problems()
        guard let annotated = Self.type(declaration, node, context, reporting: &reportedByMembers) else { return [] }
        var conformances = ["NestMessaging.Controller"]
        if EventListenerHandlers.mark(annotated) { conformances.append("NestMessaging.EventListener") }
        return Conformances.extend(type, with: conformances, missing: protocols)
    }

    private static func type(
        _ declaration: some DeclGroupSyntax, _ node: AttributeSyntax, _ context: some MacroExpansionContext,
        reporting problems: inout Problems
    ) -> AnnotatedType? {
        guard let type = AnnotatedType(declaration, in: context) else { return nil }
        if let generic = type.genericParameters {
            problems.error(
                at: generic,
                "a controller cannot be generic, its patterns would be the same for every "
                    + "`\(type.name)`: write the type out, or inject a generic provider")
            return nil
        }
        return type.canBeInjected(as: node, reporting: &problems) ? type : nil
    }

    /// `path` and `enhancers`, each only when there is something to say.
    private static func settings(
        of type: AnnotatedType, _ node: AttributeSyntax, reporting problems: inout Problems
    ) -> [String] {
        var members: [String] = []
        if let path = node.unlabeledArguments.first {
            _ = path.stringValue.map { RouteNames.allow($0, at: path, reporting: &problems) }
            members.append(
                "\(type.access)nonisolated static var path: String { \(path.trimmedDescription) }")
        }
        if let enhancers = EnhancerAttributes(type.declaration.attributes).code {
            members.append(
                "\(type.access)nonisolated static var enhancers: NestMessaging.Enhancers {\n    \(enhancers)\n}")
        }
        return members
    }

    /// `handlers` and, for `@OnEvent`, `eventHandlers`.
    private static func handlers(
        of type: AnnotatedType, _ node: AttributeSyntax, reporting problems: inout Problems
    ) -> [String] {
        let handlers = ControllerHandlers(of: type, reporting: &problems)
        let listeners = EventListenerHandlers(of: type, reporting: &problems).member(of: type)
        var members: [String] = []
        if let written = type.writtenHandlers {
            guard handlers.hasMarkers else { return [listeners].compactMap { $0 } }
            problems.error(
                at: written,
                "@Controller writes `handlers` from the methods with markers: remove this, or the markers")
        } else {
            members.append(handlers.member(of: type))
            if !handlers.hasMarkers, listeners == nil, problems.diagnostics.isEmpty {
                problems.warning(
                    at: node,
                    "`\(type.name)` has no handlers: mark a method of its body, "
                        + "for example with @MessagePattern(\"orders.create\") or @Get(\"/:id\")")
            }
        }
        return members + [listeners].compactMap { $0 }
    }
}

extension AnnotatedType {
    /// The `static var handlers` of the body.
    fileprivate var writtenHandlers: PatternBindingSyntax? {
        members.compactMap { $0.as(VariableDeclSyntax.self) }.filter { $0.modifiers.contains(.static) }
            .flatMap(\.bindings).first { $0.pattern.trimmedDescription == "handlers" }
    }
}
