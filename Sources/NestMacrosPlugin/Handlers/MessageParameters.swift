import SwiftSyntax

/// Which of a message handler's parameters is the payload and which the context: any of `(payload)`,
/// `(payload, context)`, `(context)` and `()`.
struct MessageParameters {
    let payload: FunctionParameterSyntax?
    let context: FunctionParameterSyntax?
    private let method: HandlerMethod

    /// Nil, with the reason reported, for anything else.
    init?(_ method: HandlerMethod, reporting problems: inout Problems) {
        self.method = method
        let contexts = method.parameters.filter(\.type.isMessageContext)
        let others = method.parameters.filter { !$0.type.isMessageContext }
        payload = others.first
        context = contexts.first
        if let foreign = others.first(where: { $0.type.lastName == "HTTPContext" }) {
            problems.error(
                at: foreign.type,
                "a message has no HTTPContext: write `MessageContext`, or give the route a method of its own")
            return nil
        }
        guard let surplus = others.dropFirst().first ?? contexts.dropFirst().first else { return }
        problems.error(
            at: surplus,
            "a handler takes (payload), (payload, MessageContext), (MessageContext) or (): "
                + "put what else it needs into the payload's type or the controller's properties")
        return nil
    }

    /// The closure a handler is made of. A `contract` fixes the payload's type, and the result's when it is no stream.
    func closure(contract: String? = nil) -> String {
        let type = method.type.name
        let payloadType = contract ?? payload.map { $0.type.closureType } ?? ""
        let payloadText = payload == nil ? "_: NestMessaging.NoPayload" : "payload: \(payloadType)"
        let contextText = context.map { "context: \($0.type.closureType)" } ?? "_"
        let arguments = method.parameters.map { $0.type.isMessageContext ? "context" : "payload" }
        return """
            { (controller: \(type), \(payloadText), \(contextText))\(result(contract)) in
                \(method.call(on: "controller", passing: arguments))
            }
            """
    }

    private func result(_ contract: String?) -> String {
        guard let contract, let result = method.result, !result.looksLikeStream else { return "" }
        return " -> \(contract).Reply"
    }
}

extension TypeSyntax {
    /// A macro sees names only, so this is the context, whatever module it is said to be from.
    var isMessageContext: Bool {
        let type = payloadType
        if let member = type.as(MemberTypeSyntax.self) { return member.name.text == "MessageContext" }
        return type.as(IdentifierTypeSyntax.self)?.name.text == "MessageContext"
    }

    /// The type as a closure's parameter may have it: `T!` is `T?` there.
    var closureType: String {
        let type = payloadType
        guard let unwrapped = type.as(ImplicitlyUnwrappedOptionalTypeSyntax.self) else {
            return type.trimmedDescription
        }
        return "\(unwrapped.wrappedType.trimmedDescription)?"
    }

    /// An opaque type, or one named like a sequence: its items are sent one by one, a contract's `Reply` says nothing
    /// about the whole.
    fileprivate var looksLikeStream: Bool {
        if self.is(SomeOrAnyTypeSyntax.self) { return true }
        let name = self.as(MemberTypeSyntax.self)?.name.text ?? self.as(IdentifierTypeSyntax.self)?.name.text ?? ""
        return name.hasPrefix("Async") || name.hasSuffix("Stream") || name.hasSuffix("Sequence")
    }
}
