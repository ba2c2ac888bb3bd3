// The usual ones by name. `nil` as the message says the status in words.

extension HTTPException {
    /// 400: the request makes no sense as it is.
    public static func badRequest(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(400, message, details: details)
    }

    /// 401: the caller must say who it is. `challenge` is the header `www-authenticate`, which the standard asks for.
    public static func unauthorized(_ message: String? = nil, challenge: String = "Bearer") -> HTTPException {
        HTTPException(401, message, headers: ["www-authenticate": challenge])
    }

    /// 402: something has to be paid first.
    public static func paymentRequired(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(402, message, details: details)
    }

    /// 403: this caller may not.
    public static func forbidden(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(403, message, details: details)
    }

    /// 404: there is no such thing.
    public static func notFound(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(404, message, details: details)
    }

    /// 405: the thing is there, and cannot be asked this way. `allowed` is the header `allow`: `["GET", "HEAD"]`.
    public static func methodNotAllowed(_ message: String? = nil, allowed: [String]) -> HTTPException {
        HTTPException(405, message, headers: ["allow": allowed.joined(separator: ", ")])
    }

    /// 406: none of the forms that the caller accepts can be had.
    public static func notAcceptable(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(406, message, details: details)
    }

    /// 408: the request did not come in time.
    public static func requestTimeout(_ message: String? = nil) -> HTTPException { HTTPException(408, message) }

    /// 409: the thing is in a state that does not allow it.
    public static func conflict(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(409, message, details: details)
    }

    /// 410: there was such a thing, and it will not come back.
    public static func gone(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(410, message, details: details)
    }

    /// 412: a condition of the request, such as `if-match`, does not hold.
    public static func preconditionFailed(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(412, message, details: details)
    }

    /// 413: the body is larger than it may be.
    public static func contentTooLarge(_ message: String? = nil) -> HTTPException { HTTPException(413, message) }

    /// 415: the body is of a type that is not taken here.
    public static func unsupportedMediaType(_ message: String? = nil) -> HTTPException { HTTPException(415, message) }

    /// 422: well-formed, and refused for what it says.
    public static func unprocessable(_ message: String? = nil, details: Payload? = nil) -> HTTPException {
        HTTPException(422, message, details: details)
    }

    /// 428: only with a condition, such as `if-match`.
    public static func preconditionRequired(_ message: String? = nil) -> HTTPException { HTTPException(428, message) }

    /// 429: this caller has asked too often. `retryAfter` is the header of that name, in full seconds, rounded up.
    public static func tooManyRequests(_ message: String? = nil, retryAfter: Duration? = nil) -> HTTPException {
        HTTPException(429, message, headers: MessageHeaders(retryAfter: retryAfter))
    }

    /// 500: something failed that should not have. What is thrown without being an `HTTPException` or a
    /// ``TransportError`` becomes one without its text.
    public static func `internal`(_ message: String? = nil, cause: (any Error)? = nil) -> HTTPException {
        HTTPException(500, message, cause: cause)
    }

    /// 501: not made yet.
    public static func notImplemented(_ message: String? = nil) -> HTTPException { HTTPException(501, message) }

    /// 502: a service behind this one gave an answer that makes no sense.
    public static func badGateway(_ message: String? = nil, cause: (any Error)? = nil) -> HTTPException {
        HTTPException(502, message, cause: cause)
    }

    /// 503: not now. `retryAfter` is the header of that name, in full seconds, rounded up.
    public static func serviceUnavailable(_ message: String? = nil, retryAfter: Duration? = nil) -> HTTPException {
        HTTPException(503, message, headers: MessageHeaders(retryAfter: retryAfter))
    }

    /// 504: a service behind this one did not answer in time.
    public static func gatewayTimeout(_ message: String? = nil, cause: (any Error)? = nil) -> HTTPException {
        HTTPException(504, message, cause: cause)
    }
}

extension MessageHeaders {
    fileprivate init(retryAfter: Duration?) {
        self.init()
        guard let retryAfter else { return }
        let (seconds, fraction) = retryAfter.components
        self[HTTPStatusTable.retryAfter] = String(Swift.max(0, fraction > 0 ? seconds + 1 : seconds))
    }
}
