/// One Redis, from a URL. Credentials in the URL are kept apart, so that the address can be shown.
struct RedisAddress: Sendable, Hashable {
    static let port = 6_379

    enum Place: Sendable, Hashable {
        case host(String, port: Int)
        case unixSocket(String)
    }

    let place: Place
    /// Not a socket file.
    var isTCP: Bool { if case .host = place { true } else { false } }
    let isTLS: Bool
    let login: Login?
    /// The number of the database; nil when the URL names none.
    let database: Int?

    struct Login: Sendable, Hashable {
        let user: String?
        let password: String
    }

    /// Another server that is asked the same way: a primary that a sentinel names.
    init(host: String, port: Int, like other: RedisAddress?) {
        place = .host(host, port: port)
        isTLS = other?.isTLS ?? false
        login = other?.login
        database = other?.database
    }

    /// Reads `redis://user:password@host:port/db`, `rediss://…`, `redis+unix:///path?db=0`, or just `host:port`.
    init(url: String) throws(TransportError) {
        var rest = Substring(url.filter { !$0.isWhitespace })
        var scheme = "redis"
        if let range = rest.firstRange(of: "://") {
            scheme = rest[..<range.lowerBound].lowercased()
            rest = rest[range.upperBound...]
        }
        guard ["redis", "rediss", "redis+unix", "unix"].contains(scheme) else {
            throw Self.problem("a URL of Redis begins with redis://, rediss:// or redis+unix://, not `\(scheme)://`")
        }
        let query = try Self.query(cutFrom: &rest)
        let isUnix = scheme.hasSuffix("unix")
        login = try Self.login(cutFrom: &rest)
        isTLS = scheme == "rediss"
        guard !isUnix else {
            guard rest.first == "/" else { throw Self.problem("a URL of a socket has its whole path") }
            place = .unixSocket(try Self.decoded(rest))
            database = query
            return
        }
        var path = Substring()
        if let slash = rest.firstIndex(of: "/") {
            path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
        }
        place = try Self.place(rest)
        database = try path.isEmpty ? query : Self.number(path)
    }

    /// The database in `?db=0`; there is nothing else to ask for.
    private static func query(cutFrom rest: inout Substring) throws(TransportError) -> Int? {
        guard let mark = rest.lastIndex(of: "?") else { return nil }
        let text = rest[rest.index(after: mark)...]
        rest = rest[..<mark]
        guard text.hasPrefix("db=") else { throw problem("a URL of Redis may end in `?db=0`, and in nothing else") }
        return try number(text.dropFirst(3))
    }

    private static func number(_ text: Substring) throws(TransportError) -> Int {
        guard let number = Int(text), number >= 0 else { throw problem("the database in a URL of Redis is a number") }
        return number
    }

    /// What comes before the last `@`: a password may hold one.
    private static func login(cutFrom rest: inout Substring) throws(TransportError) -> Login? {
        guard let at = rest.lastIndex(of: "@") else { return nil }
        let text = rest[..<at]
        rest = rest[rest.index(after: at)...]
        guard let colon = text.firstIndex(of: ":") else {
            throw problem("the credentials in a URL of Redis are `user:password` or `:password`")
        }
        let user = try decoded(text[..<colon])
        return Login(user: user.isEmpty ? nil : user, password: try decoded(text[text.index(after: colon)...]))
    }

    private static func place(_ text: Substring) throws(TransportError) -> Place {
        var host = text
        var port = Substring()
        if text.first == "[", let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[colon...]
        }
        guard !host.isEmpty else { throw problem("a URL of Redis has no host") }
        guard !port.isEmpty else { return .host(String(host), port: Self.port) }
        guard port.first == ":", let number = Int(port.dropFirst()), (1...65_535).contains(number) else {
            throw problem("the port of `\(host)` is none")
        }
        return .host(String(host), port: number)
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
                throw problem("a URL of Redis has a `%` that escapes nothing")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func problem(_ text: String) -> TransportError { TransportError(.invalidConfiguration, text) }
}

extension RedisAddress {
    /// The addresses in URLs, each of which may hold several.
    static func all(in urls: [String]) throws(TransportError) -> [RedisAddress] {
        var addresses: [RedisAddress] = []
        for text in urls {
            for url in text.split(separator: ",") { addresses.append(try RedisAddress(url: String(url))) }
        }
        return addresses
    }
}

extension RedisAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// As a URL, without credentials.
    var description: String {
        switch place {
        case .host(let host, let port):
            "\(isTLS ? "rediss" : "redis")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unixSocket(let path): "redis+unix://\(path)"
        }
    }

    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
