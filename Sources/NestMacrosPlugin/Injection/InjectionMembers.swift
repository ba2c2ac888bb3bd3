import SwiftSyntax

/// What makes a type injectable: `scope`, `dependencies`, `make` and, where one is missing, the init.
struct InjectionMembers {
    let code: [String]

    init(of type: AnnotatedType, for attribute: AttributeSyntax, reporting problems: inout Problems) {
        let scope = attribute.argument("scope").map { Self.scope($0, of: type) }
        if type.writesItsOwnMake {
            code = [scope].compactMap { $0 }
            return
        }
        let plan = InjectionPlan(of: type, for: attribute, reporting: &problems)
        code = [scope, plan.dependenciesMember, plan.makeMember, plan.initMember].compactMap { $0 }
    }

    private static func scope(_ expression: ExprSyntax, of type: AnnotatedType) -> String {
        "\(type.access)nonisolated static var scope: NestCore.Scope { \(expression.trimmedDescription) }"
    }
}

extension AnnotatedType {
    /// True when the body has a `static func make(from:)`: the user wants to decide himself.
    fileprivate var writesItsOwnMake: Bool {
        members.contains { member in
            guard let function = member.as(FunctionDeclSyntax.self), function.modifiers.contains(.static) else {
                return false
            }
            let labels = function.signature.parameterClause.parameters.map(\.firstName.text)
            return function.name.text == "make" && labels == ["from"]
        }
    }
}
