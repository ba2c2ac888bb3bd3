extension ExecutionContext.Kind {
    /// An HTTP request.
    public static let http = ExecutionContext.Kind(rawValue: "http")
}

extension ExecutionContext {
    /// The request's context; nil when the call did not come by HTTP.
    public var http: HTTPContext? { call as? HTTPContext }
}
