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
    /// How many fields a query or an urlencoded body may have.
    static let limit = 1_000

    /// What is wrong with a query or an urlencoded body.
    enum Failure: String, Error {
        case encoding = "is not encoded right"
        case count = "has more than 1,000 fields"
    }

    /// The pairs of a query or of an urlencoded body, in their order.
    static func parse(urlencoded text: Substring) throws(Failure) -> [FormField] {
        var fields: [FormField] = []
        var rest = text.utf8
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "&"))
            let pair = rest[..<(end ?? rest.endIndex)]
            rest = end.map { rest[rest.index(after: $0)...] } ?? rest[rest.endIndex...]
            guard !pair.isEmpty else { continue }
            guard fields.count < limit else { throw .count }
            fields.append(try field(pair))
        }
        return fields
    }

    private static func field(_ pair: Substring.UTF8View) throws(Failure) -> FormField {
        let mark = pair.firstIndex(of: UInt8(ascii: "="))
        let value = mark.map { pair[pair.index(after: $0)...] } ?? pair[pair.endIndex...]
        guard let name = PercentText.decode(Substring(pair[..<(mark ?? pair.endIndex)]), plusIsSpace: true),
            let text = PercentText.decode(Substring(value), plusIsSpace: true)
        else { throw .encoding }
        return FormField(name: plain(name), value: .text(text))
    }

    /// `tags[]` is `tags`: that is how some clients write lists.
    static func plain(_ name: String) -> String { name.hasSuffix("[]") ? String(name.dropLast(2)) : name }
}
