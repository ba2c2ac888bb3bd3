import SwiftDiagnostics
import SwiftSyntax

extension HandlerMethod {
    /// False, with the reason reported, when a method returns something that nobody would get.
    func returnsNothing(for marker: AttributeSyntax, reporting problems: inout Problems) -> Bool {
        guard result != nil, let clause = function.signature.returnClause else { return true }
        let instead = marker.shortName == "EventPattern" ? ", or answer requests with @MessagePattern" : ""
        problems.error(
            at: clause, "nobody waits for what a handler of events returns: remove the result\(instead)",
            fix: .replace(
                "remove the result", clause,
                with: TokenSyntax(.identifier(""), trailingTrivia: clause.trailingTrivia, presence: .present)))
        return false
    }
}
