import HTTPTypes
import HummingbirdCore
import NIOCore

extension HTTPCall {
    /// A form as one type, through the pipes: `application/x-www-form-urlencoded`, or `multipart/form-data` whose files
    /// are properties of type ``UploadedFile``.
    ///
    /// All of it is held in memory: the body's limit is the limit of all files together.
    ///
    /// - Throws: ``HTTPException``: 400 that names the field, 413 when it is longer than it may be, 415 when the body is
    ///   no form; what a pipe throws.
    public func form<Value: Decodable>(as type: Value.Type = Value.self) async throws -> Value {
        let fields = try await formFields()
        let value: Value
        do {
            value = try Value(from: FieldsDecoder(fields))
        } catch let error as DecodingError {
            throw InputFault(.form, decoding: error).exception
        }
        return try await piped(value)
    }

    private func formFields() async throws -> [FormField] {
        let text = state.request.headers[.contentType] ?? ""
        let mediaType = MediaType(text)
        switch mediaType.essence {
        case "application/x-www-form-urlencoded": return try await urlencodedFields()
        case "multipart/form-data":
            guard let boundary = mediaType["boundary"], (1...70).contains(boundary.utf8.count) else {
                throw InputFault(.form, "", "the content type names no boundary").exception
            }
            return try await multipartFields(boundary)
        default: throw HTTPException(415, "the body must be a form, not `\(text)`")
        }
    }

    private func urlencodedFields() async throws -> [FormField] {
        let body = String(buffer: try await collectedBody())
        guard let fields = FormField.parse(urlencoded: body[...]) else {
            throw InputFault(.form, "", "is not encoded right").exception
        }
        return fields
    }

    private func multipartFields(_ boundary: String) async throws -> [FormField] {
        var parser = MultipartParser(boundary: boundary)
        do {
            for try await piece in try bodyStream() { try parser.feed(piece) }
            return try parser.finish()
        } catch let failure as MultipartFailure {
            throw InputFault(.form, "", "\(failure)").exception
        }
    }
}
