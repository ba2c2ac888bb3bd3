/// One named value of a query or a form.
struct FormField: Sendable {
    enum Value: Sendable {
        case text(String)
        case file(UploadedFile)
    }

    var name: String
    var value: Value
}

extension FormField {
    /// The pairs of a query or of an urlencoded body, in their order; nil when it is not encoded right.
    static func parse(urlencoded text: Substring) -> [FormField]? {
        var fields: [FormField] = []
        for pair in text.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentText.decode(parts[0], plusIsSpace: true),
                let value = PercentText.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { return nil }
            fields.append(FormField(name: plain(name), value: .text(value)))
        }
        return fields
    }

    /// `tags[]` is `tags`: that is how some clients write lists.
    static func plain(_ name: String) -> String { name.hasSuffix("[]") ? String(name.dropLast(2)) : name }
}
