import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// `@Module(…)`: the attribute's lists as `static var metadata`.
struct ModuleMacro: MemberMacro, ExtensionMacro {
    static var formatMode: FormatMode { .disabled }

    static func expansion(
        of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var problems = Problems()
        defer { problems.report(to: context) }
        guard let type = AnnotatedType(declaration, in: context), allow(type, reporting: &problems) else { return [] }
        let arguments = ModuleArguments(of: node, reporting: &problems)
        return [DeclSyntax(stringLiteral: arguments.member(of: type))]
    }

    static func expansion(
        of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        var reportedByMembers = Problems()
        guard let annotated = AnnotatedType(declaration, in: context),
            allow(annotated, reporting: &reportedByMembers)
        else { return [] }
        return Conformances.extend(type, with: ["NestCore.Module"], missing: protocols)
    }

    private static func allow(_ type: AnnotatedType, reporting problems: inout Problems) -> Bool {
        if let declaration = type.declaration.as(ProtocolDeclSyntax.self) {
            problems.error(
                at: declaration.protocolKeyword, "@Module needs a type: write `enum \(type.name)`")
            return false
        }
        return type.isFinal("@Module", reporting: &problems) && type.isVisible("@Module", reporting: &problems)
    }
}

/// What stands between the parentheses of `@Module(…)`, as arguments of `ModuleMetadata`.
private struct ModuleArguments {
    private var code: [String] = []

    init(of node: AttributeSyntax, reporting problems: inout Problems) {
        for argument in node.labeledArguments {
            guard let label = argument.label?.text else { continue }
            if label == "isGlobal" {
                code.append("isGlobal: \(argument.expression.trimmedDescription)")
            } else if let list = argument.expression.as(ArrayExprSyntax.self) {
                let elements = list.elements.map { Self.element($0.expression, of: label) }
                if !elements.isEmpty { code.append(Self.lines(label, elements)) }
            } else {
                problems.error(
                    at: argument.expression,
                    "@Module reads the elements of `\(label)`: write the array out here, as in "
                        + "`\(label): [Orders.self]`, or write `static var metadata` yourself")
            }
        }
    }

    private static func element(_ expression: ExprSyntax, of label: String) -> String {
        switch label {
        case "imports": expression.wrapped(in: "NestCore.ModuleImport")
        case "exports": expression.wrapped(in: "NestCore.ModuleExport")
        case "providers" where expression.metatypeBase != nil: expression.wrapped(in: "NestCore.Provider")
        default: expression.trimmedDescription
        }
    }

    private static func lines(_ label: String, _ elements: [String]) -> String {
        "\(label): [\n" + elements.map { $0.indented(by: 4) + "," }.joined(separator: "\n") + "\n]"
    }

    func member(of type: AnnotatedType) -> String {
        let arguments = code.map { $0.indented(by: 8) }.joined(separator: ",\n")
        let call = code.isEmpty ? "NestCore.ModuleMetadata()" : "NestCore.ModuleMetadata(\n\(arguments)\n    )"
        return "\(type.access)nonisolated static var metadata: NestCore.ModuleMetadata {\n    \(call)\n}"
    }
}
