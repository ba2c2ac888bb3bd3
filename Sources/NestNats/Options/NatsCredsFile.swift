/// What stands in a `.creds` file: blocks between `-----BEGIN …-----` and `------END …------`, and remarks around them.
struct NatsCredsFile {
    /// The user's JWT; nil without one.
    let jwt: String?
    /// The seed that belongs to it; nil without one.
    let seed: String?

    init(_ text: String) {
        var blocks: [(name: Substring, text: String)] = []
        var isInside = false
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("---") {
                isInside = line.contains("BEGIN")
                if isInside { blocks.append((line, "")) }
            } else if isInside {
                blocks[blocks.count - 1].text += line.filter { !$0.isWhitespace }
            }
        }
        func block(_ name: String) -> String? {
            blocks.first { $0.name.contains(name) && !$0.text.isEmpty }?.text
        }
        jwt = block("USER JWT")
        seed = block("NKEY SEED")
    }
}
