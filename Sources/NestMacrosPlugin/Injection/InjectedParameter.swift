import SwiftSyntax

/// One argument of an init that the container fills in.
struct InjectedParameter {
    /// Nil for `_`.
    let label: String?
    let type: UnwrappedType
    /// The code of the name it is asked for by, from `@Inject("NAME")`.
    let name: String?

    /// `NestCore.Dependency(Repo.self)`
    var dependency: String {
        let optional = type.isOptional ? ", optional: true" : ""
        return "NestCore.Dependency(\(type.metatype)\(namedArgument)\(optional))"
    }

    /// `repo: resolver.resolve(Repo.self)`
    var argument: String {
        let function = type.isOptional ? "resolveOptional" : "resolve"
        let prefix = label.map { "\($0): " } ?? ""
        return "\(prefix)resolver.\(function)(\(type.metatype)\(namedArgument))"
    }

    private var namedArgument: String { name.map { ", named: \($0)" } ?? "" }
}
