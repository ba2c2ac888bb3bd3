import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

extension HTTPException {
    /// The error as a caller may see it, Hummingbird's own errors among them. An error that nobody threw on purpose
    /// becomes 500 without its text.
    init(answering error: any Error) {
        switch error {
        case let error as HTTPError:
            self.init(error.status.code, error.body, headers: MessageHeaders(joining: error.headers))
        case is NIOTooManyBytesError: self = .bodyTooLarge
        case is HTTPParserError, is ChannelError: self.init(400, "the request broke off", cause: error)
        case let error as any HTTPResponseError: self.init(error.status.code)
        default: self.init(reporting: error)
        }
    }

    static let bodyTooLarge = HTTPException(413, "the body is longer than it may be", code: .tooLarge)

    /// Whether somebody should look into it: nobody threw it on purpose.
    static func isUnexpected(_ error: any Error) -> Bool {
        switch error {
        case is HTTPException, is any HTTPResponseError, is CancellationError, is NIOTooManyBytesError,
            is HTTPParserError,
            is ChannelError:
            false
        case let error as TransportError: error.isUnexpected
        default: true
        }
    }
}
