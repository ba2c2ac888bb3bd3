/// One server, from a URL. Credentials in the URL are kept apart, so that the address can be shown.
struct NatsAddress: Sendable, Hashable {
    static let port = 4_222

    let host: String
    let port: Int
    let isTLS: Bool
    /// The part before the `@`; a lone text is a token.
    let login: Login?
    /// The name its certificate must carry.
    let certificateName: String

    enum Login: Sendable, Hashable {
        case user(String, password: String)
        case token(String)
    }

    /// Reads `nats://user:password@host:port`, `tls://…`, or just `host:port`.
    init(url: String) throws(TransportError) {
        var rest = Substring(url.filter { !$0.isWhitespace })
        var scheme = "nats"
        if let range = rest.firstRange(of: "://") {
            scheme = rest[..<range.lowerBound].lowercased()
            rest = rest[range.upperBound...]
        }
        guard scheme == "nats" || scheme == "tls" else {
            throw Self.problem("a server's URL begins with nats:// or tls://, not `\(scheme)://`")
        }
        isTLS = scheme == "tls"
        login = try Self.login(cutFrom: &rest)
        if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
        (host, port) = try Self.place(rest)
        certificateName = host
    }

    /// A server that another one has named: what is asked of that one is asked of it too.
    init(_ address: NatsAddress, namedBy other: NatsAddress) {
        host = address.host
        port = address.port
        isTLS = other.isTLS
        login = other.login
        certificateName = address.isNumeric ? other.certificateName : address.host
    }

    /// True for an IP address, which certificates rarely carry.
    private var isNumeric: Bool {
        host.contains(":")
            || host.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// What comes before the last `@`: a password may hold one.
    private static func login(cutFrom rest: inout Substring) throws(TransportError) -> Login? {
        guard let at = rest.lastIndex(of: "@") else { return nil }
        let text = rest[..<at]
        rest = rest[rest.index(after: at)...]
        guard let colon = text.firstIndex(of: ":") else { return .token(try decoded(text)) }
        return .user(try decoded(text[..<colon]), password: try decoded(text[text.index(after: colon)...]))
    }

    private static func place(_ text: Substring) throws(TransportError) -> (String, Int) {
        var host = text
        var port = Substring()
        if text.first == "[", let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[colon...]
        }
        guard !host.isEmpty else { throw problem("a server's URL has no host") }
        guard !port.isEmpty else { return (String(host), Self.port) }
        guard port.first == ":", let number = Int(port.dropFirst()), (1...65_535).contains(number) else {
            throw problem("the port of `\(host)` is none")
        }
        return (String(host), number)
    }

    /// Percent escapes resolved.
    private static func decoded(_ text: Substring) throws(TransportError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, let value = UInt8(digits, radix: 16)
            else {
                throw problem("the credentials in a server's URL have a `%` that escapes nothing")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func problem(_ text: String) -> TransportError { TransportError(.invalidConfiguration, text) }
}

extension NatsAddress {
    func isSamePlace(as other: NatsAddress) -> Bool { host == other.host && port == other.port }
}

extension NatsAddress: CustomStringConvertible {
    /// As a URL, without credentials.
    var description: String {
        "\(isTLS ? "tls" : "nats")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
