import NestHTTP

/// An answer as it stood on the wire.
struct Answer: Sendable, CustomStringConvertible {
    let status: Int
    /// Names in lower case.
    let headers: [(name: String, value: String)]
    /// Chunks put together.
    let body: String
    let description: String

    init(_ text: String) {
        description = text.debugDescription
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\r\n", omittingEmptySubsequences: false)
        status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            let value = pair.count > 1 ? pair[1].drop { $0 == " " } : ""
            return (pair[0].lowercased(), String(value))
        }
        let rest = parts.count > 1 ? parts[1] : ""
        let isChunked = headers.contains { $0.name == "transfer-encoding" && $0.value == "chunked" }
        body = isChunked ? Self.joined(rest) : String(rest)
    }

    subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }

    /// The body as JSON; null when it is none.
    var json: JSONValue { (try? JSONCodec.default.decode(JSONValue.self, from: Array(body.utf8))) ?? .null }

    /// Only for bodies whose chunks are text.
    private static func joined(_ chunks: Substring) -> String {
        var body = ""
        var rest = chunks.utf8[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
            guard let count = Int(String(Substring(rest[..<end])), radix: 16), count > 0 else { break }
            let start = rest.index(end, offsetBy: 2)
            let stop = rest.index(start, offsetBy: count)
            body += String(Substring(rest[start..<stop]))
            rest = rest[stop...].dropFirst(2)
        }
        return body
    }
}
