/// HTTP's statuses and the codes of ``TransportError``: one table for both directions.
enum HTTPStatusTable {
    /// Which way a row is read.
    private enum Way {
        case both
        /// What a code is answered with over HTTP.
        case toStatus
        /// What a status travels as between services.
        case toCode
    }

    /// A status that stands in no row travels as `rejected` when the caller is at fault, else as `internal`; a code
    /// that stands in no row is a handler's own, and is answered as `rejected` is.
    private static let rows: [(TransportError.Code, Int, Way)] = [
        (.badRequest, 400, .both),
        (.unauthenticated, 401, .both),
        (.forbidden, 403, .both),
        (.notFound, 404, .both),
        (.methodNotAllowed, 405, .both),
        (.notAcceptable, 406, .both),
        (.timeout, 408, .toCode),
        (.conflict, 409, .both),
        (.gone, 410, .both),
        (.preconditionFailed, 412, .both),
        (.tooLarge, 413, .both),
        (.unsupportedMediaType, 415, .both),
        (.rejected, 422, .both),
        (.preconditionRequired, 428, .both),
        (.overloaded, 429, .toCode),
        (.internal, 500, .both),
        (.unsupported, 501, .both),
        // Not 501: the service behind has no such handler or does not understand us, which says nothing about what
        // this one offers, and caches may keep a 501.
        (.badGateway, 502, .both),
        (.noHandler, 502, .toStatus),
        (.invalidMessage, 502, .toStatus),
        (.overloaded, 503, .both),
        (.disconnected, 503, .toStatus),
        (.noResponders, 503, .toStatus),
        // A request that is cancelled while its client waits belongs to a service that goes down.
        (.cancelled, 503, .toStatus),
        (.closed, 503, .toStatus),
        (.timeout, 504, .both),
        (.invalidConfiguration, 500, .toStatus),
        (.addressInUse, 500, .toStatus),
    ]

    private static let statuses: [TransportError.Code: Int] = Dictionary(
        rows.filter { $0.2 != .toCode }.map { ($0.0, $0.1) }
    ) { first, _ in first }

    private static let codes: [Int: TransportError.Code] = Dictionary(
        rows.filter { $0.2 != .toStatus }.map { ($0.1, $0.0) }
    ) { first, _ in first }

    /// The statuses that are errors.
    static let errors = 400...599

    /// The header that says when to come again.
    static let retryAfter = "retry-after"

    static func status(of code: TransportError.Code) -> Int { statuses[code] ?? 422 }

    static func code(of status: Int) -> TransportError.Code { codes[status] ?? (status < 500 ? .rejected : .internal) }

    static func title(of status: Int) -> String { titles[status] ?? (status < 500 ? "Refused" : "Failed") }

    private static let titles: [Int: String] = [
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
        417: "Expectation Failed", 421: "Misdirected Request", 422: "Unprocessable Content", 423: "Locked",
        424: "Failed Dependency", 425: "Too Early", 426: "Upgrade Required", 428: "Precondition Required",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
    ]
}
