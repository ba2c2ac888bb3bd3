public import HTTPTypes

// Handlers of requests, by hand. A macro writes the same.

extension Handler {
    /// Answers GET, and HEAD unless another handler does.
    public static var get: HTTPVerb<C> { HTTPVerb(.get) }
    /// Answers POST; with 201 unless said otherwise.
    public static var post: HTTPVerb<C> { HTTPVerb(.post) }
    /// Answers PUT.
    public static var put: HTTPVerb<C> { HTTPVerb(.put) }
    /// Answers PATCH.
    public static var patch: HTTPVerb<C> { HTTPVerb(.patch) }
    /// Answers DELETE.
    public static var delete: HTTPVerb<C> { HTTPVerb(.delete) }
    /// Answers HEAD.
    public static var head: HTTPVerb<C> { HTTPVerb(.head) }
    /// Answers OPTIONS; without such a handler the answer is 204 with the methods that are allowed.
    public static var options: HTTPVerb<C> { HTTPVerb(.options) }
    /// Answers any other method.
    public static func http(_ method: HTTPRequest.Method) -> HTTPVerb<C> { HTTPVerb(method) }
}
