/// Reads `form-data; name="a"; filename="b;c.txt"` byte by byte: what stands in quotes separates nothing.
struct ParameterScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    /// What stands before the next semicolon, without blanks around it.
    mutating func token() -> String { take { $0 == UInt8(ascii: ";") } }

    /// The next parameter, its name in lower case; nil at the end. What is no parameter is left out.
    mutating func next() -> (name: String, value: String)? {
        while rest.popFirst() != nil {
            let name = take { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "=") }.lowercased()
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest.removeFirst()
            skipBlanks()
            let value = quoted() ?? token()
            // Behind the closing quote there is nothing that counts.
            _ = token()
            return (name, value)
        }
        return nil
    }

    private mutating func take(until isEnd: (UInt8) -> Bool) -> String {
        skipBlanks()
        let end = rest.firstIndex(where: isEnd) ?? rest.endIndex
        var found = rest[..<end]
        while let last = found.last, last.isBlank { found.removeLast() }
        rest = rest[end...]
        return String(Substring(found))
    }

    /// Nil when no quote opens here. A quote that does not close holds all that is left.
    private mutating func quoted() -> String? {
        let (quote, escape) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
        guard rest.first == quote else { return nil }
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), byte != quote {
            // Browsers escape quotes alone: a backslash before anything else is one, as in the paths of Windows.
            let isEscape = byte == escape && rest.first == quote
            bytes.append(isEscape ? quote : byte)
            if isEscape { rest.removeFirst() }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func skipBlanks() {
        while let first = rest.first, first.isBlank { rest.removeFirst() }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
