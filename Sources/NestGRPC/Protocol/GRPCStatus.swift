/// How a call went, in gRPC's terms.
struct GRPCStatus: Sendable, Equatable {
    enum Code: Int, Sendable, CaseIterable {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16
    }

    var code: Code
    var message: String
    /// Our own name for it, which servers of this framework send beside the status.
    var name: String?

    init(_ code: Code, _ message: String, name: TransportError.Code? = nil) {
        self.code = code
        self.message = message
        self.name = name?.rawValue
    }

    static let ok = GRPCStatus(.ok, "")
}

extension GRPCStatus {
    /// The one table: what a status means to a caller here. The module's documentation repeats it.
    static let meanings: [Code: TransportError.Code] = [
        .cancelled: .cancelled,
        .unknown: .internal,
        .invalidArgument: .invalidMessage,
        .deadlineExceeded: .timeout,
        .notFound: .notFound,
        .alreadyExists: .conflict,
        .permissionDenied: .forbidden,
        .resourceExhausted: .overloaded,
        .failedPrecondition: .preconditionFailed,
        .aborted: .conflict,
        .outOfRange: .tooLarge,
        .unimplemented: .unsupported,
        .internal: .internal,
        .unavailable: .disconnected,
        .dataLoss: .internal,
        .unauthenticated: .unauthenticated,
    ]

    /// The status as the caller's error. A server of ours has said what it is exactly.
    var error: TransportError {
        let code = name.map { TransportError.Code(rawValue: $0) } ?? Self.meanings[code] ?? .internal
        let text =
            message.isEmpty ? "the server answered with gRPC status \(self.code) (\(self.code.rawValue))" : message
        return TransportError(code, text, details: nil, origin: .peer)
    }

    /// A status that an HTTP proxy stands behind, as the gRPC specification translates it.
    init(http status: Int) {
        let code: Code =
            switch status {
            case 400: .internal
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 404: .unimplemented
            case 429, 502, 503, 504: .unavailable
            default: .unknown
            }
        self.init(code, "HTTP status \(status) and no gRPC status")
    }

    /// A call that the other side has reset, as the gRPC specification translates it.
    init(reset code: UInt32) {
        switch HTTP2ErrorCode(rawValue: code) {
        case .noError, nil, .protocolError, .internalError, .flowControlError, .settingsTimeout, .streamClosed,
            .frameSizeError, .compressionError, .connectError, .http11Required:
            self.init(.internal, "the call was reset with HTTP/2 error \(code)")
        case .refusedStream: self.init(.unavailable, "the server refused the call before it began")
        case .cancel: self.init(.cancelled, "the other side has cancelled the call")
        case .enhanceYourCalm: self.init(.resourceExhausted, "the other side is asked for too much")
        case .inadequateSecurity: self.init(.permissionDenied, "the connection is not secure enough for the other side")
        }
    }
}
