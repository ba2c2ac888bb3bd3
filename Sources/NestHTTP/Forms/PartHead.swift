/// What the head of a part of a multipart form says.
struct PartHead {
    var name: String
    /// Given for files, and for nothing else.
    var filename: String?
    var contentType: String?

    /// Nil when there is no name.
    init?(_ text: String) {
        var name: String?
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: true) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = String(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-disposition":
                let disposition = MediaType(value)
                guard disposition.essence == "form-data" else { continue }
                name = disposition["name"]
                filename = disposition["filename*"].flatMap(Self.extended) ?? disposition["filename"]
            case "content-type": contentType = MediaType(value).essence
            default: break
            }
        }
        guard let name else { return nil }
        self.name = name
    }

    /// `UTF-8''na%C3%AFve.txt`, as RFC 5987 has it.
    private static func extended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return PercentText.decode(parts[2])
    }
}
