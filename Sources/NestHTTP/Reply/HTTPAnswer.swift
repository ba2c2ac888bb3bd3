import HTTPTypes
import HummingbirdCore

/// An answer as it is written: without the fields that every answer has.
struct HTTPAnswer: Sendable {
    /// Nil: the handler's usual one.
    var status: HTTPResponse.Status?
    var fields: HTTPFields
    var body: ResponseBody

    init(status: HTTPResponse.Status? = nil, fields: [HTTPField] = [], body: ResponseBody) {
        self.status = status
        self.fields = HTTPFields()
        for field in fields { self.fields.append(field) }
        self.body = body
    }

    /// An answer to HEAD keeps the length that its body would have; any other length is that of the body.
    init(_ response: Response, to method: HTTPRequest.Method) {
        status = response.status
        fields = response.headers
        if method != .head || status == .noContent { fields[.contentLength] = nil }
        body = response.body
    }

    init(_ problem: ProblemDocument) {
        status = HTTPResponse.Status(code: problem.status)
        fields = problem.fields
        body = ResponseBody(byteBuffer: problem.json)
    }

    /// The same, holding on to the request's objects as long as its body is there.
    func keeping(_ scope: CallScope) -> HTTPAnswer {
        var answer = self
        answer.body = ResponseBody { [body] writer in
            try await body.write(writer)
            withExtendedLifetime(scope) {}
        }
        return answer
    }
}
