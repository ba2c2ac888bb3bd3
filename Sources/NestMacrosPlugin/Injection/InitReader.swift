import SwiftSyntax

/// Reads what the container has to give to an init that the user wrote.
struct InitReader {
    let type: AnnotatedType
    let marker: String

    func parameters(
        of initializer: InitializerDeclSyntax, reporting problems: inout Problems
    ) -> [InjectedParameter] {
        checkShape(of: initializer, reporting: &problems)
        let names = injectedNames
        let parameters = Array(initializer.signature.parameterClause.parameters)
        checkNames(names, are: parameters, reporting: &problems)
        return parameters.compactMap { parameter(of: $0, names: names, reporting: &problems) }
    }

    /// The names of `@Inject` by property.
    private var injectedNames: [StoredProperty] { StoredProperty.all(of: type).filter { $0.injectedName != nil } }

    private func parameter(
        of parameter: FunctionParameterSyntax, names: [StoredProperty], reporting problems: inout Problems
    ) -> InjectedParameter? {
        let name = names.first { $0.name.plainText == parameter.localName }?.injectedName
        if parameter.defaultValue != nil && name == nil { return nil }
        if let node = parameter.notInjectable {
            problems.error(
                at: node,
                "the container can fill in neither generic, inout nor variadic parameters: "
                    + "write a type such as `any Clock`, or give the parameter a default value")
            return nil
        }
        let label = parameter.firstName.tokenKind == .wildcard ? nil : parameter.firstName.labelText
        return InjectedParameter(label: label, type: UnwrappedType(parameter.type), name: name)
    }

    private func checkShape(of initializer: InitializerDeclSyntax, reporting problems: inout Problems) {
        if let mark = initializer.optionalMark {
            problems.error(at: mark, "the container needs a value or an error: write `init` with `throws`")
        }
        if let clause = initializer.genericParameterClause {
            problems.error(at: clause, "the container cannot choose the types of a generic init: write them out")
        }
    }

    private func checkNames(
        _ properties: [StoredProperty], are parameters: [FunctionParameterSyntax], reporting problems: inout Problems
    ) {
        for property in properties where !parameters.contains(where: { $0.localName == property.name.plainText }) {
            problems.error(
                at: property.name,
                "@Inject names a parameter of the init, and it has none called `\(property.name.text)`: "
                    + "add the parameter or remove @Inject")
        }
    }
}

extension FunctionParameterSyntax {
    /// The name its init's body uses.
    fileprivate var localName: String { (secondName ?? firstName).plainText }

    /// The part that keeps the container from filling it in.
    fileprivate var notInjectable: Syntax? {
        if let ellipsis { return Syntax(ellipsis) }
        if let attributed = type.as(AttributedTypeSyntax.self) {
            let word = attributed.specifiers.first { $0.trimmedDescription == "inout" }
            if let word { return Syntax(word) }
        }
        return type.opaqueWord.map { Syntax($0) }
    }
}
