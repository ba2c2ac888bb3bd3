import SwiftSyntax

/// A family of markers, such as `@MessagePattern` and `@EventPattern`, and what a method that carries one becomes.
///
/// A new front (HTTP routes, say) is a new family: one file, and a line in ``HandlerFamilies``.
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
    var exclusive: String?
}

/// All families a controller's methods can belong to.
enum HandlerFamilies {
    static var all: [any HandlerFamily.Type] { [MessageFamily.self] }

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
