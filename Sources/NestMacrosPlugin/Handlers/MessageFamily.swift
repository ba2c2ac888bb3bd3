import SwiftSyntax

/// `@MessagePattern` and `@EventPattern`.
enum MessageFamily: HandlerFamily {
    static let markers = ["MessagePattern", "EventPattern"]

    static func handler(
        for marker: AttributeSyntax, on method: HandlerMethod, reporting problems: inout Problems
    ) -> HandlerCode? {
        let isEvent = marker.shortName == "EventPattern"
        if isEvent, !method.returnsNothing(for: marker, reporting: &problems) { return nil }
        guard let pattern = PatternArgument(marker, reporting: &problems),
            isEvent || method.returnsReply(of: pattern, reporting: &problems),
            let parameters = MessageParameters(method, reporting: &problems)
        else { return nil }
        let arguments = ([pattern.code, "name: \"\(method.name)\""] + options(marker, method)).joined(separator: ", ")
        return HandlerCode(
            text: ".\(isEvent ? "event" : "message")(\(arguments)) \(parameters.closure(contract: pattern.contract))",
            exclusive: isEvent
                ? nil : HandledRequest(identity: pattern.identity, name: pattern.identity, differsBy: "pattern"))
    }

    /// `options:` and `enhancers:`, each only when there is something to say.
    private static func options(_ marker: AttributeSyntax, _ method: HandlerMethod) -> [String] {
        var options = method.attributes("Blocking").isEmpty ? [] : ["blocking: true"]
        if let broadcast = marker.argument("broadcast"), broadcast.booleanValue != false {
            options.append("broadcast: \(broadcast.trimmedDescription)")
        }
        var arguments: [String] = []
        if !options.isEmpty {
            arguments.append("options: NestMessaging.HandlerOptions(\(options.joined(separator: ", ")))")
        }
        if let enhancers = EnhancerAttributes(method.function.attributes).code {
            arguments.append("enhancers: \(enhancers)")
        }
        return arguments
    }
}
