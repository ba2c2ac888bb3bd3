import SwiftSyntax

/// `@Get`, `@Post` and the other routes of HTTP.
enum HTTPFamily: HandlerFamily {
    static let markers = ["Get", "Post", "Put", "Patch", "Delete", "Head", "Options", "Sse"]

    static func handler(
        for marker: AttributeSyntax, on method: HandlerMethod, reporting problems: inout Problems
    ) -> HandlerCode? {
        let route = Route(marker, of: method.type)
        guard route.isWrittenRightly(reporting: &problems),
            let settings = RouteSettings(method, of: route, reporting: &problems),
            let parameters = RouteParameters(method, of: route, reporting: &problems)
        else { return nil }
        var arguments = [route.code, "name: \"\(method.name)\""] + [settings.options].compactMap { $0 }
        if let enhancers = EnhancerAttributes(method.function.attributes).code {
            arguments.append("enhancers: \(enhancers)")
        }
        return HandlerCode(
            text: """
                .\(route.verb)(\(arguments.joined(separator: ", "))) \(settings.closure(around: parameters))
                """,
            exclusive: HandledRequest(identity: route.identity, name: route.name, differsBy: "path"))
    }
}

extension AttributeListSyntax {
    /// Its attributes that make a method a route.
    var routeMarkers: [AttributeSyntax] {
        compactMap { $0.as(AttributeSyntax.self) }.filter { HTTPFamily.markers.contains($0.shortName) }
    }
}
