// The codes of what a handler refuses in HTTP's terms, see ``HTTPException``.

extension TransportError.Code {
    /// 400: the request makes no sense as it is.
    public static let badRequest: Self = "bad_request"
    /// 404: there is no such thing.
    public static let notFound: Self = "not_found"
    /// 405: the thing is there, and cannot be asked this way.
    public static let methodNotAllowed: Self = "method_not_allowed"
    /// 406: none of the forms that the caller accepts can be had.
    public static let notAcceptable: Self = "not_acceptable"
    /// 409: the thing is in a state that does not allow it.
    public static let conflict: Self = "conflict"
    /// 410: there was such a thing, and it will not come back.
    public static let gone: Self = "gone"
    /// 412: a condition of the request does not hold.
    public static let preconditionFailed: Self = "precondition_failed"
    /// 415: the body is of a type that is not taken here.
    public static let unsupportedMediaType: Self = "unsupported_media_type"
    /// 428: only with a condition.
    public static let preconditionRequired: Self = "precondition_required"
    /// 502: a service behind could not be asked, or gave an answer that makes no sense.
    public static let badGateway: Self = "bad_gateway"
}
