/// One broker, from a URL. Credentials in the URL are kept apart, so that the address can be shown.
struct RabbitMQAddress: Sendable, Hashable {
    let host: String
    let port: Int
    let isTLS: Bool
    let virtualHost: String
    let login: Login?

    struct Login: Sendable, Hashable {
        let user: String
        let password: String
    }

    /// Reads `amqp://user:password@host:port/vhost` or `amqps://…`. No path is the virtual host `/`, and so is a lone
    /// slash; another slash in its name is written `%2F`.
    init(url: String) throws(TransportError) {
        var rest = Substring(url.filter { !$0.isWhitespace })
        guard let range = rest.firstRange(of: "://") else {
            throw Self.problem("a broker's URL begins with amqp:// or amqps://")
        }
        let scheme = rest[..<range.lowerBound].lowercased()
        guard scheme == "amqp" || scheme == "amqps" else {
            throw Self.problem("a broker's URL begins with amqp:// or amqps://, not `\(scheme)://`")
        }
        rest = rest[range.upperBound...]
        isTLS = scheme == "amqps"
        login = try Self.login(cutFrom: &rest)
        virtualHost = try Self.virtualHost(cutFrom: &rest)
        (host, port) = try Self.place(rest, isTLS ? 5_671 : 5_672)
    }

    /// What comes before the last `@`: a password may hold one, escaped or not.
    private static func login(cutFrom rest: inout Substring) throws(TransportError) -> Login? {
        guard let at = rest.lastIndex(of: "@") else { return nil }
        let text = rest[..<at]
        rest = rest[rest.index(after: at)...]
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return Login(
            user: try decoded(parts[0], "credentials"),
            password: parts.count > 1 ? try decoded(parts[1], "credentials") : "")
    }

    private static func virtualHost(cutFrom rest: inout Substring) throws(TransportError) -> String {
        if let query = rest.firstIndex(of: "?") {
            throw problem("a broker's URL takes no `\(rest[query...])`: set the options instead")
        }
        guard let slash = rest.firstIndex(of: "/") else { return "/" }
        let path = rest[rest.index(after: slash)...]
        rest = rest[..<slash]
        guard !path.contains("/") else { throw problem("a slash in the name of a virtual host is written %2F") }
        return path.isEmpty ? "/" : try decoded(path, "virtual host")
    }

    private static func place(_ text: Substring, _ usual: Int) throws(TransportError) -> (String, Int) {
        var host = text
        var port = Substring()
        if text.first == "[", let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[colon...]
        }
        guard !host.isEmpty else { throw problem("a broker's URL has no host") }
        guard !port.isEmpty else { return (String(host), usual) }
        guard port.first == ":", let number = Int(port.dropFirst()), (1...65_535).contains(number) else {
            throw problem("the port of `\(host)` is none")
        }
        return (String(host), number)
    }

    /// Percent escapes resolved.
    private static func decoded(_ text: Substring, _ what: String) throws(TransportError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, let value = UInt8(digits, radix: 16)
            else {
                throw problem("the \(what) in a broker's URL has a `%` that escapes nothing")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func problem(_ text: String) -> TransportError { TransportError(.invalidConfiguration, text) }
}

extension RabbitMQAddress: CustomStringConvertible {
    /// As a URL, without credentials.
    var description: String {
        let place = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        let path = virtualHost == "/" ? "" : "/\(virtualHost.replacing("/", with: "%2F"))"
        return "\(isTLS ? "amqps" : "amqp")://\(place)\(path)"
    }
}
