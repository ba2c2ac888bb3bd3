import SwiftSyntax
import SwiftSyntaxMacros

/// `@UseGuards`, `@UseInterceptors`, `@UsePipes` and `@UseFilters`, on a controller or a handler. The type's macro
/// reads them; they say when it will not.
struct EnhancerMacro: PeerMacro {
    static func expansion(
        of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        defer { problems.report(to: context) }
        if node.unlabeledArguments.isEmpty {
            problems.error(at: node, "@\(node.shortName) names nothing: write `@\(node.shortName)(\(example(node)))`")
        }
        if let function = declaration.as(FunctionDeclSyntax.self) {
            check(function, node, context, reporting: &problems)
        } else if declaration.asProtocol((any DeclGroupSyntax).self)?.attributes.named("Controller").isEmpty ?? true {
            problems.error(
                at: node, "@\(node.shortName) goes on a @Controller type or on a handler in it: move it there")
        }
        return []
    }

    private static func check(
        _ function: FunctionDeclSyntax, _ node: AttributeSyntax, _ context: some MacroExpansionContext,
        reporting problems: inout Problems
    ) {
        guard HandlerFamilies.mark(function.attributes) else {
            problems.error(
                at: node,
                "@\(node.shortName) stands around a handler, and `\(function.name.text)` is none: "
                    + "add @MessagePattern, @EventPattern or a route, or remove it")
            return
        }
        MarkerPlace(of: node, in: context).isBody(ofTypesMarked: ["Controller"], reporting: &problems)
    }

    private static func example(_ node: AttributeSyntax) -> String {
        switch EnhancerKind(rawValue: node.shortName) {
        case .interceptors: "TimingInterceptor.self"
        case .pipes: "TrimPipe()"
        case .filters: "NotFoundFilter.self"
        case .guards, nil: "AuthGuard.self"
        }
    }
}
