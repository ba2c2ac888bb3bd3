import HTTPTypes
import NIOCore

/// What every error becomes for the caller: RFC 9457's `application/problem+json`.
///
/// `code` is the error's code as it also travels between services. Details that are a JSON object stand as members of
/// their own, such as `errors` with all that is wrong with a request.
struct ProblemDocument {
    private static let reserved: Set<String> = ["type", "title", "status", "detail", "instance", "code"]

    let error: HTTPException
    /// The request's path.
    let instance: String

    var status: Int { error.status }

    /// The document.
    var json: ByteBuffer {
        var members = JSONObject()
        members["type"] = "about:blank"
        members["title"] = .string(error.title)
        members["status"] = .number(JSONNumber(error.status))
        if error.message != error.title { members["detail"] = .string(error.message) }
        if !instance.isEmpty { members["instance"] = .string(instance) }
        members["code"] = .string(error.code.rawValue)
        add(error.details, to: &members)
        let text = try? JSONCodec.default.encode(JSONValue.object(members))
        return ByteBuffer(bytes: text ?? [])
    }

    private func add(_ details: Payload?, to members: inout JSONObject) {
        guard let details, let value = try? details.decode(JSONValue.self), !value.isNull else { return }
        guard let object = value.object else { return members["details"] = value }
        for member in object where !Self.reserved.contains(member.key) { members[member.key] = member.value }
    }

    /// The header fields that go with it.
    var fields: HTTPFields {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .contentType, value: "application/problem+json"))
        for entry in error.headers {
            guard let name = HTTPField.Name(entry.name) else { continue }
            fields.append(HTTPField(name: name, value: entry.value))
        }
        return fields
    }
}
