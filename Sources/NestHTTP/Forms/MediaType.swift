/// What a `Content-Type` says: the type in lower case, and its parameters.
struct MediaType: Sendable, Hashable {
    /// `application/json`.
    let essence: String
    private let parameters: [String: String]

    init(_ text: String) {
        var parts = text.split(separator: ";").map { $0.trimmed }
        essence = parts.isEmpty ? "" : parts.removeFirst().lowercased()
        var parameters: [String: String] = [:]
        for part in parts {
            guard let mark = part.firstIndex(of: "=") else { continue }
            let name = part[..<mark].trimmed.lowercased()
            parameters[name] = parameters[name] ?? Self.unquoted(part[part.index(after: mark)...].trimmed)
        }
        self.parameters = parameters
    }

    subscript(parameter: String) -> String? { parameters[parameter] }

    /// `application/json`, or another type of that syntax such as `application/merge-patch+json`.
    var isJSON: Bool { essence == "application/json" || essence.hasSuffix("+json") || essence == "text/json" }

    private static func unquoted(_ text: Substring) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        return String(text.dropFirst().dropLast()).replacing("\\\"", with: "\"")
    }
}

extension Substring {
    /// Without blanks around it.
    fileprivate var trimmed: Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let start = firstIndex(where: { !isBlank($0) }), let end = lastIndex(where: { !isBlank($0) }) else {
            return self[endIndex...]
        }
        return self[start...end]
    }
}
