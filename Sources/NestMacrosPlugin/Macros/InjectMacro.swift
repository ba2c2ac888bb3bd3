import SwiftSyntax
import SwiftSyntaxMacros

/// `@Inject("NAME")` on a stored property. The type's macro reads it; it says when there is nothing to inject.
struct InjectMacro: PeerMacro {
    static func expansion(
        of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        defer { problems.report(to: context) }
        guard let variable = declaration.as(VariableDeclSyntax.self),
            let property = StoredProperty.properties(of: variable).first
        else {
            problems.error(at: node, "@Inject names a stored property of an instance: move it to one, or remove it")
            return []
        }
        if let value = variable.bindings.first?.initializer {
            problems.error(
                at: value, "`\(property.name.text)` has a value already: remove the value or @Inject")
        }
        if node.unlabeledArguments.first?.stringValue == "" {
            problems.error(at: node, "@Inject needs a name: write `@Inject(\"DATABASE_URL\")`")
        }
        MarkerPlace(of: node, in: context)
            .isBody(ofTypesMarked: ["Injectable", "Controller"], reporting: &problems)
        return []
    }
}
