import SwiftDiagnostics
import SwiftSyntax

/// A method that a marker makes a handler: what is the same for every family.
struct HandlerMethod {
    let function: FunctionDeclSyntax
    let type: AnnotatedType

    /// Nil, with the reason reported, when no handler of any family can look like this.
    init?(_ function: FunctionDeclSyntax, in type: AnnotatedType, reporting problems: inout Problems) {
        self.function = function
        self.type = type
        let before = problems.diagnostics.count
        checkModifiers(reporting: &problems)
        checkGenerics(reporting: &problems)
        for parameter in parameters { Self.check(parameter, reporting: &problems) }
        guard problems.diagnostics.count == before else { return nil }
    }

    /// The method's name without backticks.
    var name: String { function.name.plainText }
    var parameters: [FunctionParameterSyntax] { Array(function.signature.parameterClause.parameters) }
    /// Nil for a method that returns nothing.
    var result: TypeSyntax? {
        guard let type = function.signature.returnClause?.type else { return nil }
        return ["Void", "Swift.Void", "()"].contains(type.trimmedDescription) ? nil : type
    }

    /// The attributes of these names, in order.
    func attributes(_ names: String...) -> [AttributeSyntax] {
        function.attributes.compactMap { $0.as(AttributeSyntax.self) }.filter { names.contains($0.shortName) }
    }

    /// `try await controller.create(payload, in: context)`, with a `try` and an `await` only where they are needed:
    /// without `await` the closure around it is not async, and a handler that is not async is run without a task.
    /// `tries` and `awaits` say what the arguments need; `wrapper` is a function that is called with the result.
    func call(
        on receiver: String, passing arguments: [String], tries: Bool = false, awaits: Bool = false,
        in wrapper: String? = nil
    ) -> String {
        let effects = function.signature.effectSpecifiers
        let tryWord = tries || effects?.throwsClause != nil ? "try " : ""
        let awaitWord = awaits || effects?.asyncSpecifier != nil || type.isolates(function) ? "await " : ""
        let list = zip(parameters, arguments).map { parameter, argument in
            parameter.firstName.tokenKind == .wildcard ? argument : "\(parameter.firstName.labelText): \(argument)"
        }
        let call = "\(receiver).\(function.name.text)(\(list.joined(separator: ", ")))"
        return "\(tryWord)\(awaitWord)\(wrapper.map { "\($0)(\(call))" } ?? call)"
    }

    private func checkModifiers(reporting problems: inout Problems) {
        for keyword in [Keyword.static, .class] {
            guard let modifier = function.modifiers.first(keyword) else { continue }
            problems.error(
                at: modifier, "a handler is called on an instance of `\(type.name)`: remove `\(modifier.name.text)`",
                fix: .remove(modifier))
        }
        if let modifier = function.modifiers.first(.mutating) {
            problems.error(
                at: modifier,
                "a handler cannot be mutating, all messages share one `\(type.name)`: "
                    + "make it an actor to keep state, and remove `mutating`")
        }
    }

    private func checkGenerics(reporting problems: inout Problems) {
        guard let clause = function.genericParameterClause else { return }
        problems.error(at: clause, "a handler cannot be generic: write the payload's type out")
    }

    private static func check(_ parameter: FunctionParameterSyntax, reporting problems: inout Problems) {
        if let ellipsis = parameter.ellipsis {
            problems.error(
                at: ellipsis, "a handler's parameter cannot be variadic: write `[\(parameter.type.trimmedDescription)]`"
            )
        }
        if let attributed = parameter.type.as(AttributedTypeSyntax.self), let word = attributed.inoutSpecifier {
            problems.error(
                at: word,
                "a handler's parameter cannot be inout: write `\(attributed.baseType.trimmedDescription)` "
                    + "and return what changed")
        }
        if let word = parameter.type.opaqueWord {
            problems.error(at: word, "a handler cannot be generic: write the payload's type out")
        }
    }
}

extension AttributedTypeSyntax {
    fileprivate var inoutSpecifier: SimpleTypeSpecifierSyntax? {
        specifiers.lazy.compactMap { $0.as(SimpleTypeSpecifierSyntax.self) }
            .first { $0.specifier.tokenKind == .keyword(.inout) }
    }
}

extension TypeSyntax {
    /// The `some` in it: of a parameter it makes a generic one.
    var opaqueWord: TokenSyntax? {
        tokens(viewMode: .sourceAccurate).first { $0.tokenKind == .keyword(.some) }
    }

    /// The type without `consuming`, `sending` and the like.
    var payloadType: TypeSyntax { self.as(AttributedTypeSyntax.self)?.baseType.trimmed ?? trimmed }
}

extension FixIt {
    fileprivate static func remove(_ modifier: DeclModifierSyntax) -> FixIt {
        .replace(
            "remove `\(modifier.name.text)`", modifier,
            with: TokenSyntax(.identifier(""), leadingTrivia: modifier.leadingTrivia, presence: .present))
    }
}
