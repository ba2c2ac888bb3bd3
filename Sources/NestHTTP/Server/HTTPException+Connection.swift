import NIOHTTP1
import NIOHTTPTypesHTTP1

extension HTTPException {
    /// The problem with bytes that are no HTTP; nil for errors of another kind.
    init?(malformed error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow:
            self.init(431, "the request's head is larger than it may be")
        case is HTTPParserError: self.init(400, "the request is not well-formed HTTP/1.1")
        case is HTTP1TypeConversionError: self.init(400, "the request is not well-formed HTTP/1.1")
        default: return nil
        }
    }

    /// The problem with a request that took too long.
    init(late status: Int) {
        if status == 408 {
            self.init(408, "the request did not arrive in time", code: .timeout)
        } else {
            self.init(504, "the request was not answered in time", code: .timeout)
        }
    }
}
