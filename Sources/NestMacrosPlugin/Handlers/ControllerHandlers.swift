import SwiftSyntax

/// The elements of a controller's `handlers`.
struct ControllerHandlers {
    private(set) var codes: [HandlerCode] = []
    /// True when some method carries a marker, be it used wrongly.
    private(set) var hasMarkers = false

    init(of type: AnnotatedType, reporting problems: inout Problems) {
        for function in type.members.compactMap({ $0.as(FunctionDeclSyntax.self) }) {
            add(function, in: type, reporting: &problems)
        }
        type.reportConditionalMarkers(HandlerFamilies.mark, reporting: &problems)
    }

    private mutating func add(
        _ function: FunctionDeclSyntax, in type: AnnotatedType, reporting problems: inout Problems
    ) {
        let attributes = function.attributes.compactMap { $0.as(AttributeSyntax.self) }
        let markers = attributes.compactMap { attribute in
            HandlerFamilies.family(of: attribute.shortName).map { (attribute, $0) }
        }
        if function.attributes.routeMarkers.isEmpty { reportSources(of: function, reporting: &problems) }
        guard !markers.isEmpty else { return }
        hasMarkers = true
        guard let method = HandlerMethod(function, in: type, reporting: &problems) else { return }
        for (marker, family) in markers {
            guard let code = family.handler(for: marker, on: method, reporting: &problems) else { continue }
            add(code, at: marker, of: type, reporting: &problems)
        }
    }

    /// `@Query` and the like where no request comes to.
    private func reportSources(of function: FunctionDeclSyntax, reporting problems: inout Problems) {
        for (attribute, source) in function.signature.parameterClause.parameters.flatMap(\.sources) {
            problems.error(
                at: attribute,
                "@\(source.rawValue) reads a request over HTTP, and `\(function.name.text)` is no route: "
                    + "add @Get, @Post or another one, or remove it")
        }
    }

    private mutating func add(
        _ code: HandlerCode, at marker: AttributeSyntax, of type: AnnotatedType, reporting problems: inout Problems
    ) {
        if let exclusive = code.exclusive, codes.contains(where: { $0.exclusive?.identity == exclusive.identity }) {
            problems.error(
                at: marker,
                "`\(type.name)` has a handler for \(exclusive.name) already, and a request has one answer: "
                    + "give this one another \(exclusive.differsBy) or remove it")
            return
        }
        codes.append(code)
    }

    /// `static var handlers`.
    func member(of type: AnnotatedType) -> String {
        type.listMember("handlers", of: "NestMessaging.Handler<\(type.name)>", codes.map(\.text))
    }
}
