/// The name a message is addressed by: dot-separated tokens such as `orders.create`.
///
/// In a handler `*` stands for exactly one token and `>` for the rest (one token or more, last place only). Object
/// patterns, `["cmd": "sum"]`, are named by their compact JSON text with sorted keys, as NestJS names them.
public struct Pattern: Sendable, Hashable {
    /// The name as it travels.
    public let name: String

    /// A pattern by its name.
    public init(_ name: String) { self.name = name }

    /// The tokens between the dots.
    package var tokens: [Substring] { name.split(separator: ".", omittingEmptySubsequences: false) }

    /// True when a `*` or `>` stands for something. Object patterns have none.
    package var hasWildcards: Bool { !name.hasPrefix("{") && tokens.contains { $0 == "*" || $0 == ">" } }

    /// What is wrong with the pattern, nil when nothing is.
    package var problem: String? {
        if name.isEmpty { return "a pattern cannot be empty" }
        if name.hasPrefix("{") { return nil }
        let tokens = tokens
        if tokens.contains(where: \.isEmpty) { return "pattern `\(name)` has an empty token" }
        if tokens.dropLast().contains(">") { return "pattern `\(name)`: `>` may only stand last" }
        if tokens.contains(where: { $0.count > 1 && ($0.contains("*") || $0.contains(">")) }) {
            return "pattern `\(name)`: a wildcard is a whole token"
        }
        return nil
    }

    /// Why no message can be sent to the pattern, nil when one can: it must be one name that a server takes.
    package var addressProblem: String? {
        if isAddress { return nil }
        if name.utf8.count > EnvelopeLimits.patternBytes {
            return "a pattern cannot have more than \(EnvelopeLimits.patternBytes) bytes"
        }
        return problem ?? "pattern `\(name)` has wildcards: a message is sent to one name"
    }

    /// One pass over the bytes; this is asked for every message that is sent.
    private var isAddress: Bool {
        let bytes = name.utf8
        guard bytes.count <= EnvelopeLimits.patternBytes else { return false }
        return bytes.withContiguousStorageIfAvailable(Self.isAddress) ?? Self.isAddress(bytes)
    }

    @inline(__always)
    private static func isAddress(_ bytes: some Sequence<UInt8>) -> Bool {
        let dot = UInt8(ascii: ".")
        var previous = dot
        var isFirst = true
        for byte in bytes {
            if isFirst, byte == UInt8(ascii: "{") { return true }
            isFirst = false
            if byte == UInt8(ascii: "*") || byte == UInt8(ascii: ">") || byte == dot && previous == dot { return false }
            previous = byte
        }
        return previous != dot
    }
}

extension Pattern: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// A pattern by its name: `"orders.create"`.
    public init(stringLiteral value: String) { self.init(value) }
}

extension Pattern: ExpressibleByDictionaryLiteral {
    /// An object pattern: `["cmd": "sum"]`.
    public init(dictionaryLiteral elements: (String, PatternValue)...) {
        self.init(PatternValue.object(elements).text)
    }
}

extension Pattern: CustomStringConvertible {
    /// The pattern's name.
    public var description: String { name }
}
