public import HTTPTypes

extension HTTPHandlerOptions {
    /// With header fields by their names as texts, which is what ``Header(_:_:)`` stands for. A text that cannot be the
    /// name of a field is left out.
    ///
    /// - Parameters:
    ///   - status: The status of its answers; nil: 201 for POST, 200 otherwise.
    ///   - headers: Names and values, in order.
    ///   - maxBodySize: The longest body it takes, in bytes; nil: ``HTTPOptions/maxBodySize``.
    ///   - timeout: How long it may take until its answer begins; nil: ``HTTPOptions/requestTimeout``.
    ///   - blocking: Runs off the event loop.
    public init(
        status: HTTPResponse.Status? = nil, headers: KeyValuePairs<String, String>, maxBodySize: Int? = nil,
        timeout: Duration? = nil, blocking: Bool = false
    ) {
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        self.init(status: status, headers: fields, maxBodySize: maxBodySize, timeout: timeout, blocking: blocking)
    }
}
