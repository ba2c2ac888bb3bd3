extension TransportError {
    /// The status it is answered with when it reaches an HTTP client.
    ///
    /// The number `status` in ``details`` counts, from 400 to 599: so does what a handler of messages threw as an
    /// ``HTTPException`` keep its status. Without it the code decides:
    ///
    /// | code | status |
    /// |---|---|
    /// | `bad_request` | 400 |
    /// | `unauthenticated` | 401 |
    /// | `forbidden` | 403 |
    /// | `not_found` | 404 |
    /// | `method_not_allowed` | 405 |
    /// | `not_acceptable` | 406 |
    /// | `conflict` | 409 |
    /// | `gone` | 410 |
    /// | `precondition_failed` | 412 |
    /// | `too_large` | 413 |
    /// | `unsupported_media_type` | 415 |
    /// | `rejected`, codes of your own | 422 |
    /// | `precondition_required` | 428 |
    /// | `internal`, `invalid_configuration`, `address_in_use` | 500 |
    /// | `unsupported` | 501 |
    /// | `bad_gateway`, `no_handler`, `invalid_message` | 502 |
    /// | `overloaded`, `disconnected`, `no_responders`, `closed`, `cancelled` | 503 |
    /// | `timeout` | 504 |
    ///
    /// `invalid_message` is 502 because it comes from behind: what an HTTP client sends wrong is found by the HTTP
    /// front, which answers 400.
    public var httpStatus: Int { ExceptionDetails(reading: details).status ?? HTTPStatusTable.status(of: code) }

    /// What a handler threw in HTTP's terms, as it travels between services: the status, and `retry-after` if there is
    /// one, stand in the details beside the exception's own (`{"status": 409, …}`; details that are no object stand
    /// under `details`). Other headers do not travel.
    ///
    /// A status has the code that the table of ``httpStatus`` has; 408 is `timeout`, 429 `overloaded`, any other below
    /// 500 `rejected`, and any other from 500 on `internal`, unless the exception has a code of its own.
    public init(_ exception: HTTPException) {
        let details = ExceptionDetails(
            status: exception.status, retryAfter: exception.headers[HTTPStatusTable.retryAfter].flatMap { Int($0) },
            own: exception.details)
        self.init(exception.code, exception.message, details: details.payload, cause: exception.cause)
    }
}

extension HTTPException {
    /// What a failed call is for the client of the HTTP request in which it happened; the error is kept as the cause.
    ///
    /// The status is the error's ``TransportError/httpStatus``. Below 500 message and details are the error's. From 500
    /// on they are only when the other side threw an `HTTPException` of that status on purpose: what a network or a
    /// failed handler has to say is for the log, not for the public.
    ///
    /// A client, a network or a broker that refuses a call to a service behind, for its credentials or its size, speaks
    /// of this process and not of the HTTP client: 502.
    public init(_ error: TransportError) {
        guard !error.isOwnTrouble else {
            self.init(502, cause: error)
            return
        }
        let details = ExceptionDetails(reading: error.details)
        let status = error.httpStatus
        self.init(status, code: error.code, cause: error)
        guard status < 500 || (details.status == status && error.code != .internal) else { return }
        message = error.message
        self.details = details.own
        if let seconds = details.retryAfter { headers[HTTPStatusTable.retryAfter] = String(seconds) }
    }

    /// The exception that any error is for the client of an HTTP request: itself, what a ``TransportError`` stands for,
    /// or 500 without its text.
    public init(reporting error: any Error) {
        switch error {
        case let error as HTTPException: self = error
        case let error as TransportError: self.init(error)
        default: self.init(TransportError(reporting: error))
        }
    }
}

/// What stands in the details of an exception that travels.
private struct ExceptionDetails {
    private static let statusKey = "status"
    private static let retryKey = "retry_after"
    private static let ownKey = "details"

    var status: Int?
    /// In seconds.
    var retryAfter: Int?
    /// What the exception itself has.
    var own: Payload?

    init(status: Int, retryAfter: Int?, own: Payload?) {
        self.status = status
        self.retryAfter = retryAfter
        self.own = own
    }

    init(reading details: Payload?) {
        own = details
        guard let details, case .object(var members)? = try? details.decode(JSONValue.self) else { return }
        guard let status = Self.number(members[Self.statusKey]), HTTPStatusTable.errors.contains(status) else { return }
        self.status = status
        retryAfter = Self.number(members[Self.retryKey])
        members[Self.statusKey] = nil
        members[Self.retryKey] = nil
        own = members.isEmpty ? nil : try? Payload(encoding: JSONValue.object(members))
    }

    /// All of it as one object, the status first.
    var payload: Payload? {
        var members = JSONObject()
        members[Self.statusKey] = status.map { .number(JSONNumber($0)) }
        members[Self.retryKey] = retryAfter.map { .number(JSONNumber($0)) }
        if let own, let value = try? own.decode(JSONValue.self) { members.add(value, under: Self.ownKey) }
        return try? Payload(encoding: JSONValue.object(members))
    }

    private static func number(_ value: JSONValue?) -> Int? {
        guard case .number(let number)? = value else { return nil }
        return number.integer()
    }
}

extension JSONObject {
    /// The members of an object that are not there yet; any other value as one member.
    fileprivate mutating func add(_ value: JSONValue, under key: String) {
        guard case .object(let object) = value else { return self[key] = value }
        for member in object where self[member.key] == nil { self[member.key] = member.value }
    }
}
