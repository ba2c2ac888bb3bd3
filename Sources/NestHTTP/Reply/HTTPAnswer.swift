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

    init(_ response: Response) {
        status = response.status
        fields = response.headers
        // Written anew from what the body says of itself.
        fields[.contentLength] = nil
        body = response.body
    }

    init(_ problem: ProblemDocument) {
        status = HTTPResponse.Status(code: problem.status)
        fields = problem.fields
        body = ResponseBody(byteBuffer: problem.json)
    }
}
