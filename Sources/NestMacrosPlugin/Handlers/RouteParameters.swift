import SwiftSyntax

/// Where each parameter of a route comes from: its attribute says so, or its type, or its name in the path; what is
/// left is the body.
struct RouteParameters {
    private let method: HandlerMethod
    private let route: Route
    private var arguments: [RouteArgument] = []

    /// Nil, with the reasons reported, when a parameter could come from anywhere or from nowhere.
    init?(_ method: HandlerMethod, of route: Route, reporting problems: inout Problems) {
        self.method = method
        self.route = route
        let before = problems.diagnostics.count
        var bodies = BodyParameter(of: method)
        for parameter in method.parameters {
            guard let argument = argument(parameter, body: &bodies, reporting: &problems) else { continue }
            arguments.append(argument)
        }
        guard problems.diagnostics.count == before else { return nil }
    }

    /// `try await controller.one(id: call.param("id", as: UUID.self))`. An event stream is told to be one.
    var call: String {
        method.call(
            on: "controller", passing: arguments.map(\.code), tries: arguments.contains(where: \.tries),
            awaits: arguments.contains(where: \.awaits), in: route.isEventStream ? "call.events" : nil)
    }

    private func argument(
        _ parameter: FunctionParameterSyntax, body: inout BodyParameter, reporting problems: inout Problems
    ) -> RouteArgument? {
        if let (attribute, source) = parameter.sources.first {
            let reader = MarkedParameter(parameter, attribute, source, route)
            guard reader.isAlone(reporting: &problems),
                !source.isBody || body.take(parameter, attribute, of: route, reporting: &problems)
            else { return nil }
            return reader.argument(reporting: &problems)
        }
        guard hasNoOtherName(parameter, reporting: &problems) else { return nil }
        if let argument = RouteArgument(ofType: parameter.type) { return argument }
        if let name = parameter.valueName, route.names?.contains(name) == true {
            return MarkedParameter(parameter, nil, .param, route).argument(reporting: &problems)
        }
        guard body.takeUnmarked(parameter, of: route, reporting: &problems) else { return nil }
        return MarkedParameter(parameter, nil, .body, route).argument(reporting: &problems)
    }

    private func hasNoOtherName(_ parameter: FunctionParameterSyntax, reporting problems: inout Problems) -> Bool {
        for attribute in parameter.attributes.compactMap({ $0.as(AttributeSyntax.self) }) {
            guard let name = ParameterSource.otherNames[attribute.shortName] else { continue }
            problems.error(at: attribute, "@\(attribute.shortName) takes nothing from a request: write `\(name)`")
            return false
        }
        guard parameter.type.isMessageContext else { return true }
        problems.error(
            at: parameter.type,
            "a request over HTTP has no MessageContext: write `HTTPContext`, or give messages a method of their own")
        return false
    }
}
