import SwiftSyntax

/// The elements of `eventHandlers`, from the methods marked `@OnEvent`.
struct EventListenerHandlers {
    static let marker = "OnEvent"
    private var codes: [String] = []

    init(of type: AnnotatedType, reporting problems: inout Problems) {
        for function in type.members.compactMap({ $0.as(FunctionDeclSyntax.self) }) {
            let markers = function.attributes.named(Self.marker)
            guard !markers.isEmpty, let method = HandlerMethod(function, in: type, reporting: &problems) else {
                continue
            }
            codes += markers.compactMap { Self.code(for: $0, on: method, reporting: &problems) }
        }
        type.reportConditionalMarkers({ !$0.named(Self.marker).isEmpty }, reporting: &problems)
    }

    /// True when some method of the type, used rightly or not, is marked `@OnEvent`.
    static func mark(_ type: AnnotatedType) -> Bool {
        type.members.contains { member in
            member.as(FunctionDeclSyntax.self).map { !$0.attributes.named(marker).isEmpty } ?? false
        }
    }

    private static func code(
        for marker: AttributeSyntax, on method: HandlerMethod, reporting problems: inout Problems
    ) -> String? {
        guard let pattern = PatternArgument(marker, reporting: &problems),
            method.returnsNothing(for: marker, reporting: &problems),
            takesAtMostTheEvent(method, reporting: &problems)
        else { return nil }
        let event = method.parameters.first.map { ", event: \($0.type.closureType)" } ?? ""
        return """
            .on(\(pattern.code), name: "\(method.name)") { (listener: \(method.type.name)\(event)) in
                \(method.call(on: "listener", passing: ["event"]))
            }
            """
    }

    private static func takesAtMostTheEvent(_ method: HandlerMethod, reporting problems: inout Problems) -> Bool {
        if let context = method.parameters.first(where: { $0.type.isMessageContext }) {
            problems.error(
                at: context,
                "an event of this process comes without a MessageContext: "
                    + "remove the parameter, or receive messages with @EventPattern")
            return false
        }
        guard method.parameters.count > 1 else { return true }
        problems.error(at: method.parameters[1], "a method with @OnEvent takes (event) or (): remove this parameter")
        return false
    }

    /// `static var eventHandlers`, nil when there are no listeners.
    func member(of type: AnnotatedType) -> String? {
        guard !codes.isEmpty || Self.mark(type) else { return nil }
        return type.listMember("eventHandlers", of: "NestMessaging.EventHandler<\(type.name)>", codes)
    }
}
