import HTTPTypes
import HummingbirdCore
import NIOCore

extension HTTPCall {
    /// A value as JSON.
    func encode<Value: Encodable>(_ value: Value) throws -> Payload { try PayloadCoding.encode(value, codec: codec) }

    /// What a handler's value is answered with: text and bytes as they are, no text as an empty body, anything else as
    /// JSON.
    func result<Value: Encodable>(_ value: Value) throws -> HandlerResult {
        if Value.self == String?.self { return (value as? String).map { HTTPText($0).answer(to: self) } ?? .none }
        if Value.self == String.self, let text = value as? String { return HTTPText(text).answer(to: self) }
        if Value.self == ByteBuffer.self, let bytes = value as? ByteBuffer { return Self.answer(bytes) }
        return .payload(try encode(value))
    }

    private static func answer(_ bytes: ByteBuffer) -> HandlerResult {
        let type = HTTPField(name: .contentType, value: "application/octet-stream")
        return .response(HTTPAnswer(fields: [type], body: ResponseBody(byteBuffer: bytes)))
    }
}
