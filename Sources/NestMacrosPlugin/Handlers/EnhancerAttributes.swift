import SwiftSyntax

/// The four attributes that put something around a handler or a controller.
enum EnhancerKind: String, CaseIterable {
    case guards = "UseGuards"
    case interceptors = "UseInterceptors"
    case pipes = "UsePipes"
    case filters = "UseFilters"

    /// The label in `Enhancers(…)`.
    var label: String { "\(self)" }

    var reference: String {
        switch self {
        case .guards: "NestMessaging.GuardReference"
        case .interceptors: "NestMessaging.InterceptorReference"
        case .pipes: "NestMessaging.PipeReference"
        case .filters: "NestMessaging.FilterReference"
        }
    }
}

/// What `@UseGuards(…)` and the like on one declaration say together.
struct EnhancerAttributes {
    private let attributes: AttributeListSyntax

    init(_ attributes: AttributeListSyntax) { self.attributes = attributes }

    /// `NestMessaging.Enhancers(guards: […], …)`, nil when there are none.
    var code: String? {
        let lists = EnhancerKind.allCases.compactMap { kind -> String? in
            let references = attributes.named(kind.rawValue).flatMap(\.unlabeledArguments)
                .map { $0.wrapped(in: kind.reference) }
            return references.isEmpty ? nil : "\(kind.label): [\(references.joined(separator: ", "))]"
        }
        return lists.isEmpty ? nil : "NestMessaging.Enhancers(\(lists.joined(separator: ", ")))"
    }
}
