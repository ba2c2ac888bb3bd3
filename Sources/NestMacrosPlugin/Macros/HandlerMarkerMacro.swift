import SwiftSyntax
import SwiftSyntaxMacros

/// `@MessagePattern`, `@EventPattern`, `@OnEvent` and the routes add nothing themselves: the type's macro reads them.
/// They say when no type's macro will.
struct HandlerMarkerMacro: PeerMacro {
    static func expansion(
        of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        let owners = node.shortName == EventListenerHandlers.marker ? ["Injectable", "Controller"] : ["Controller"]
        if declaration.is(FunctionDeclSyntax.self) {
            MarkerPlace(of: node, in: context).isBody(ofTypesMarked: owners, reporting: &problems)
        } else {
            problems.error(at: node, "@\(node.shortName) marks a method: move it to the `func` that is to be called")
        }
        problems.report(to: context)
        return []
    }
}
