import SwiftSyntax

/// A family of markers, such as `@MessagePattern` and `@EventPattern` or the routes of HTTP, and what a method that
/// carries one becomes.
///
/// A new front is a new family: a type of its own, and a line in ``HandlerFamilies``.
protocol HandlerFamily {
    /// The names of its attributes.
    static var markers: [String] { get }

    /// The code of one element of `handlers`; nil after reporting why there is none.
    static func handler(
        for marker: AttributeSyntax, on method: HandlerMethod, reporting problems: inout Problems
    ) -> HandlerCode?
}

/// One element of `handlers`.
struct HandlerCode {
    let text: String
    /// Two handlers of a controller may not have the same one. Nil when any number may answer.
    var exclusive: HandledRequest?
}

/// What a handler alone answers.
struct HandledRequest {
    /// The same for two ways of writing the same requests.
    let identity: String
    /// As a message calls it.
    let name: String
    /// What has to be another in another handler: a pattern, a path.
    let differsBy: String
}

/// All families a controller's methods can belong to.
enum HandlerFamilies {
    static var all: [any HandlerFamily.Type] { [MessageFamily.self, HTTPFamily.self] }

    static func family(of marker: String) -> (any HandlerFamily.Type)? {
        all.first { $0.markers.contains(marker) }
    }

    /// True when one of the attributes makes the method a handler of a controller.
    static func mark(_ attributes: AttributeListSyntax) -> Bool {
        attributes.contains { attribute in
            attribute.as(AttributeSyntax.self).map { family(of: $0.shortName) != nil } ?? false
        }
    }
}
