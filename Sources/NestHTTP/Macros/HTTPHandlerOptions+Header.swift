public import HTTPTypes

extension HTTPHandlerOptions {
    /// With header fields by their names as texts, which is what ``Header(_:_:)`` stands for. A text that cannot be the
    /// name of a field is left out.
    ///
    /// - Parameters:
    ///   - status: The status of its answers; nil: 201 for POST, 200 otherwise.
    ///   - headers: Names and values, in order.
    ///   - blocking: Runs off the event loop.
    public init(
        status: HTTPResponse.Status? = nil, headers: KeyValuePairs<String, String>, blocking: Bool = false
    ) {
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        self.init(status: status, headers: fields, blocking: blocking)
    }
}
