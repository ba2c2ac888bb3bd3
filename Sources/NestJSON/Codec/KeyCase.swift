/// Snake case and back, by the rules of Foundation's key strategies.
enum KeyCase {
    /// `myURLValue` gives `my_url_value`.
    static func snake(_ key: String) -> String {
        let characters = Array(key)
        var words: [ArraySlice<Character>] = []
        var (start, search) = (0, 1)
        while let upper = characters.dropFirst(search).firstIndex(where: \.isUppercase) {
            words.append(characters[start..<upper])
            start = upper
            guard let lower = characters.dropFirst(upper).firstIndex(where: \.isLowercase) else { break }
            if lower > upper + 1 {
                words.append(characters[upper..<lower - 1])
                start = lower - 1
            }
            search = lower + 1
        }
        words.append(characters[start...])
        return words.map { String($0).lowercased() }.joined(separator: "_")
    }

    /// `order_total` gives `orderTotal`. Underscores at both ends stay.
    static func camel(_ key: String) -> String {
        guard let first = key.firstIndex(where: { $0 != "_" }), let last = key.lastIndex(where: { $0 != "_" }) else {
            return key
        }
        let words = key[first...last].split(separator: "_")
        guard words.count > 1, let head = words.first else { return key }
        let joined = head.lowercased() + words.dropFirst().map(capitalized).joined()
        return key[..<first] + joined + key[key.index(after: last)...]
    }

    private static func capitalized(_ word: Substring) -> String {
        word.prefix(1).uppercased() + word.dropFirst().lowercased()
    }
}
