import HTTPTypes
public import HummingbirdCore
import NIOCore

/// Text, or bytes, as they are: `HTTPText("pong")`, `HTTPText(page, contentType: "text/html; charset=utf-8")`.
public struct HTTPText: HTTPResponding {
    /// The text.
    public var text: String
    /// What it is.
    public var contentType: String

    /// Plain text unless said otherwise.
    public init(_ text: String, contentType: String = "text/plain; charset=utf-8") {
        self.text = text
        self.contentType = contentType
    }

    /// The text as the body.
    public func answer(to call: HTTPCall) -> HandlerResult {
        let field = HTTPField(name: .contentType, value: contentType)
        return .response(HTTPAnswer(fields: [field], body: ResponseBody(byteBuffer: ByteBuffer(string: text))))
    }
}

extension Response: HTTPResponding {
    /// The response as it is.
    public func answer(to call: HTTPCall) -> HandlerResult { .response(self) }
}
