import SwiftDiagnostics
import SwiftSyntax

extension HandlerMethod {
    /// False, with the reason reported, when a method returns something that nobody would get.
    func returnsNothing(for marker: AttributeSyntax, reporting problems: inout Problems) -> Bool {
        guard result != nil, let clause = function.signature.returnClause else { return true }
        let instead = marker.shortName == "EventPattern" ? ", or answer requests with @MessagePattern" : ""
        problems.error(
            at: clause, "nobody waits for what a handler of events returns: remove the result\(instead)",
            fix: .replace("remove the result", clause, with: TokenSyntax(.identifier(""), presence: .present)))
        return false
    }

    /// False, with the reason reported, when callers wait for a contract's reply and the method returns nothing.
    func returnsReply(of pattern: PatternArgument, reporting problems: inout Problems) -> Bool {
        guard let contract = pattern.contract, result == nil else { return true }
        problems.error(at: function.name, "callers of `\(contract)` get its reply: write `-> \(contract).Reply`")
        return false
    }
}
