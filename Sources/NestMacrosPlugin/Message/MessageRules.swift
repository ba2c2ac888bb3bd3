import SwiftDiagnostics
import SwiftSyntax

/// Which types may carry `@Message`.
enum MessageRules {
    /// False, with the reason reported, for all but structs whose properties the compiler can code.
    static func allow(_ type: AnnotatedType, for node: AttributeSyntax, reporting problems: inout Problems) -> Bool {
        guard type.isStruct else {
            problems.error(at: node, instead(of: type))
            return false
        }
        guard type.isVisible("@Message", reporting: &problems) else { return false }
        let unbound = type.genericParameters?.parameters.filter { !type.constrains($0) } ?? []
        for parameter in unbound {
            problems.error(
                at: parameter, "all of a message is coded: write `\(parameter.name.text): Codable & Sendable`",
                fix: .constrain(parameter))
        }
        return unbound.isEmpty
    }

    private static func instead(of type: AnnotatedType) -> String {
        guard let declaration = type.declaration.as(EnumDeclSyntax.self) else {
            return "@Message needs a value of stored properties: make `\(type.name)` a struct"
        }
        let hasPayloads = type.members.compactMap { $0.as(EnumCaseDeclSyntax.self) }.flatMap(\.elements)
            .contains { $0.parameterClause != nil }
        if hasPayloads {
            return "@Message needs a value of stored properties: remove it and make `\(type.name)` Codable, "
                + "it can stand in a struct with @Message"
        }
        let first = declaration.inheritanceClause?.inheritedTypes.first?.type.trimmedDescription ?? ""
        let rawType = first.hasPrefix("Int") || first.hasPrefix("UInt") ? first : "String"
        return "an enum with raw values needs no @Message: remove it and write "
            + "`enum \(type.name): \(rawType), Codable, Sendable`"
    }
}

extension AnnotatedType {
    /// True when something is asked of the parameter; whether it is enough, the compiler says.
    fileprivate func constrains(_ parameter: GenericParameterSyntax) -> Bool {
        if parameter.inheritedType != nil || parameter.specifier != nil { return true }
        let clause = declaration.asProtocol((any WithGenericParametersSyntax).self)?.genericWhereClause
        return clause?.requirements.contains { requirement in
            guard case .conformanceRequirement(let conformance) = requirement.requirement else { return false }
            return conformance.leftType.trimmedDescription == parameter.name.text
        } ?? false
    }
}

extension FixIt {
    fileprivate static func constrain(_ parameter: GenericParameterSyntax) -> FixIt {
        let name = parameter.name
        return .replace(
            "add `Codable & Sendable`", name,
            with: name.with(\.tokenKind, .identifier("\(name.text): Codable & Sendable")))
    }
}
