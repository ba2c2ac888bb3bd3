import SwiftSyntax

/// How the container makes a value of the type: which init it calls and what with.
struct InjectionPlan {
    private(set) var parameters: [InjectedParameter] = []
    /// The properties of an init that the macro has to write.
    private(set) var generated: [StoredProperty] = []
    private var isAsync = false
    private var isThrowing = false
    private var isBroken = false
    private let type: AnnotatedType
    private let marker: String

    init(of type: AnnotatedType, for attribute: AttributeSyntax, reporting problems: inout Problems) {
        self.type = type
        marker = "@\(attribute.shortName)"
        let before = problems.diagnostics.count
        let inits = type.members.compactMap { $0.as(InitializerDeclSyntax.self) }
            .filter { !$0.modifiers.contains(.convenience) }
        reportConditionalMembers(reporting: &problems)
        if inits.count > 1 {
            reportSecond(inits[1], reporting: &problems)
        } else if let designated = inits.first {
            read(designated, reporting: &problems)
        } else {
            readProperties(reporting: &problems)
        }
        isBroken = problems.diagnostics.count > before
    }

    private func reportSecond(_ initializer: InitializerDeclSyntax, reporting problems: inout Problems) {
        problems.error(
            at: initializer.initKeyword,
            "\(marker) has to know which init the container calls: keep one in `\(type.name)`, "
                + "or write `static func make(from resolver: Resolver)` yourself")
    }

    private mutating func read(_ initializer: InitializerDeclSyntax, reporting problems: inout Problems) {
        let reader = InitReader(type: type, marker: marker)
        parameters = reader.parameters(of: initializer, reporting: &problems)
        isAsync = initializer.signature.effectSpecifiers?.asyncSpecifier != nil
        isThrowing = initializer.signature.effectSpecifiers?.throwsClause != nil
    }

    private mutating func readProperties(reporting problems: inout Problems) {
        let properties = StoredProperty.all(of: type).filter(\.isInjected)
        for property in properties where property.type == nil {
            problems.error(
                at: property.name,
                "\(marker) asks the container by type: write `\(property.name.text): Type`, or give it a value")
        }
        parameters = properties.compactMap(\.parameter)
        if !type.isStruct { generated = properties.filter { $0.type != nil } }
    }

    private func reportConditionalMembers(reporting problems: inout Problems) {
        for initializer in type.conditionalMembers.compactMap({ $0.as(InitializerDeclSyntax.self) }) {
            problems.error(
                at: initializer.initKeyword,
                "an init inside #if is not seen by the macro: put the #if inside the init's body")
        }
        for variable in type.conditionalMembers.compactMap({ $0.as(VariableDeclSyntax.self) }) {
            guard let property = StoredProperty.properties(of: variable).first(where: \.isInjected) else { continue }
            problems.error(
                at: property.name,
                "a stored property inside #if is not seen by the macro: give it a value, or write an init")
        }
    }

    /// `static var dependencies` when there are any.
    var dependenciesMember: String? {
        guard !parameters.isEmpty else { return nil }
        return type.listMember("dependencies", of: "NestCore.Dependency", parameters.map(\.dependency))
    }

    /// `static func make(from:)`. It takes the isolation of its type, so it can call any init of it.
    var makeMember: String {
        """
        \(type.access)static func make(from resolver: NestCore.Resolver) async throws -> \(type.name) {
            \(isBroken ? "try await resolver.resolve(\(type.name).self)" : construction)
        }
        """
    }

    private var construction: String {
        let asks = !parameters.isEmpty
        let effects = "\(asks || isThrowing ? "try " : "")\(asks || isAsync ? "await " : "")"
        guard parameters.count > 1 else {
            return "\(effects)\(type.name)(\(parameters.first?.argument ?? ""))"
        }
        let lines = parameters.map { "        \($0.argument)" }.joined(separator: ",\n")
        return "\(effects)\(type.name)(\n\(lines)\n    )"
    }

    /// The init of a class or an actor that has none and needs one.
    var initMember: String? {
        guard !generated.isEmpty else { return nil }
        let list = generated.map { "\($0.name.text): \($0.parameterType)" }.joined(separator: ", ")
        let lines = generated.map { "    self.\($0.name.text) = \($0.name.text)" }.joined(separator: "\n")
        return "init(\(list)) {\n\(lines)\n}"
    }
}

extension StoredProperty {
    /// A function kept beyond the call has to be escaping.
    fileprivate var parameterType: String {
        guard let type else { return "" }
        let base = type.as(AttributedTypeSyntax.self)?.baseType ?? type
        return base.is(FunctionTypeSyntax.self) ? "@escaping \(type)" : "\(type)"
    }
}
