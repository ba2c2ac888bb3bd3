extension ExecutionContext {
    /// The message's context; nil when the call did not come as a message.
    public var message: MessageContext? { call as? MessageContext }
}
