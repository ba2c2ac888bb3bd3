import SwiftSyntax

/// The attributes that say where a parameter of a route takes its value from.
enum ParameterSource: String, CaseIterable {
    case param = "Param"
    case query = "Query"
    case queries = "Queries"
    case headers = "Headers"
    case cookie = "CookieValue"
    case body = "Body"
    case form = "Form"

    /// What users of NestJS or Hummingbird may write instead, and what is written here.
    static let otherNames = [
        "Cookie": "@CookieValue", "Cookies": "@CookieValue", "Header": "@Headers", "UploadedFile": "@Form",
        "UploadedFiles": "@Form", "Params": "@Param",
    ]

    /// True for those that read the request's body.
    var isBody: Bool { self == .body || self == .form }

    /// True for those that take the name of what they read.
    var isNamed: Bool { [.param, .query, .headers, .cookie].contains(self) }

    static func source(of attribute: AttributeSyntax) -> ParameterSource? { Self(rawValue: attribute.shortName) }
}

extension FunctionParameterSyntax {
    /// The attributes that name a source, with it.
    var sources: [(attribute: AttributeSyntax, source: ParameterSource)] {
        attributes.compactMap { element in
            guard let attribute = element.as(AttributeSyntax.self),
                let source = ParameterSource.source(of: attribute)
            else { return nil }
            return (attribute, source)
        }
    }

    /// What the method's body calls it, nil for `_`.
    var valueName: String? {
        let name = secondName ?? firstName
        return name.tokenKind == .wildcard ? nil : name.plainText
    }
}
