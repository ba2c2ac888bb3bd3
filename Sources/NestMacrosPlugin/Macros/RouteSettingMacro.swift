import SwiftSyntax
import SwiftSyntaxMacros

/// `@HTTPCode`, `@Header` and `@Redirect` on a route. The type's macro reads them; they say when it will not.
struct RouteSettingMacro: PeerMacro {
    static func expansion(
        of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        defer { problems.report(to: context) }
        guard let function = declaration.as(FunctionDeclSyntax.self), !function.attributes.routeMarkers.isEmpty else {
            problems.error(
                at: node,
                "@\(node.shortName) is about the answer of a route: add @Get, @Post or another one, or remove it")
            return []
        }
        MarkerPlace(of: node, in: context).isBody(ofTypesMarked: ["Controller"], reporting: &problems)
        check(node, reporting: &problems)
        return []
    }

    private static func check(_ node: AttributeSyntax, reporting problems: inout Problems) {
        let arguments = node.unlabeledArguments
        switch node.shortName {
        case "HTTPCode":
            guard let code = arguments.first, let number = code.integerValue, !(200...599).contains(number) else {
                return
            }
            problems.error(at: code, "an answer has a status from 200 to 599: write `@HTTPCode(204)`")
        case "Redirect":
            guard arguments.count > 1, let number = arguments[1].integerValue, !(300...399).contains(number) else {
                return
            }
            problems.error(at: arguments[1], "a redirect has a status from 300 to 399: write `302`, or `301` for good")
        case "Header":
            guard let field = arguments.first, let name = field.stringValue, !name.isFieldName else { return }
            problems.error(
                at: field,
                "`\(name)` is no name of a header: write one word as in `@Header(\"Cache-Control\", \"no-store\")`")
        default: return
        }
    }
}

extension String {
    /// The `token` of RFC 9110.
    fileprivate var isFieldName: Bool {
        let marks = "!#$%&'*+-.^_`|~"
        return !isEmpty && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || marks.contains($0)) }
    }
}
