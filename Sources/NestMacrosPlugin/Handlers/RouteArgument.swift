import SwiftSyntax

/// The code that reads one argument of a route from `call`, and what it needs around it.
struct RouteArgument {
    let code: String
    var tries = false
    var awaits = false

    init(_ code: String, tries: Bool = false, awaits: Bool = false) {
        self.code = code
        self.tries = tries
        self.awaits = awaits
    }

    /// The context or the request; nil for a type that does not tell where its value comes from.
    init?(ofType type: TypeSyntax) {
        switch type.lastName {
        case "HTTPContext": self.init("call.context")
        case "Request", "HummingbirdRequest": self.init("call.context.request")
        default: return nil
        }
    }
}

extension TypeSyntax {
    /// Its name without a module. A macro sees no more of a type.
    var lastName: String? {
        let type = payloadType
        return type.as(MemberTypeSyntax.self)?.name.text ?? type.as(IdentifierTypeSyntax.self)?.name.text
    }
}
