/// What a `Content-Type` says: the type in lower case, and its parameters.
struct MediaType: Sendable, Hashable {
    /// `application/json`.
    let essence: String
    private let parameters: [String: String]

    init(_ text: String) {
        var scanner = ParameterScanner(text)
        essence = scanner.token().lowercased()
        var parameters: [String: String] = [:]
        while let (name, value) = scanner.next() { parameters[name] = parameters[name] ?? value }
        self.parameters = parameters
    }

    subscript(parameter: String) -> String? { parameters[parameter] }

    /// `application/json`, or another type of that syntax such as `application/merge-patch+json`.
    var isJSON: Bool { essence == "application/json" || essence.hasSuffix("+json") || essence == "text/json" }
}
