import SwiftSyntax
import SwiftSyntaxMacros

/// `@Blocking` on a handler. The type's macro reads it; it says when there is no handler.
struct BlockingMacro: PeerMacro {
    static func expansion(
        of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        let attributes = declaration.as(FunctionDeclSyntax.self)?.attributes
        if attributes.map(HandlerFamilies.mark) != true {
            problems.error(
                at: node,
                "@Blocking says how a handler is run: add @MessagePattern, @EventPattern or a route, or remove it")
        }
        problems.report(to: context)
        return []
    }
}
