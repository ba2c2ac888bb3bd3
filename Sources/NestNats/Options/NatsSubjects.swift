import NIOCore

/// From patterns to subjects and back.
struct NatsSubjects: Sendable {
    /// The prefix and its dot, or nothing.
    let prefix: String
    private let bytes: [UInt8]

    init(prefix: String) {
        let plain = prefix.trimmed(of: ".")
        self.prefix = plain.isEmpty ? "" : plain + "."
        bytes = Array(self.prefix.utf8)
    }

    /// The subject of a pattern. Bytes that no subject can hold, which only object patterns have, are written as `%20`.
    func subject(of pattern: Pattern) -> String {
        prefix + (Self.isPlain(pattern) ? pattern.name : Self.escaped(pattern.name))
    }

    /// Lends the subject of a pattern as C wants it.
    @inline(__always)
    func withSubject<Result>(of pattern: Pattern, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        var name = Self.isPlain(pattern) ? pattern.name : Self.escaped(pattern.name)
        return name.withUTF8 { name in
            let size = bytes.count + name.count
            return withUnsafeTemporaryAllocation(byteCount: size + 1, alignment: 1) { room in
                room.copyBytes(from: bytes)
                UnsafeMutableRawBufferPointer(rebasing: room[bytes.count...]).copyBytes(from: name)
                room[size] = 0
                return body(UnsafePointer(room.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped))
            }
        }
    }

    /// What calls of a pattern are registered with, so that they are found when the server does not permit its subject. A
    /// few instructions: every call pays for it.
    @inline(__always)
    static func tag(of pattern: Pattern) -> UInt64 {
        var name = pattern.name
        return name.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            var hash = UInt64(bytes.count) &+ 0x9E37_79B9_7F4A_7C15
            var place = 0
            while place &+ 8 <= bytes.count {
                hash = mix(hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                place &+= 8
            }
            var rest: UInt64 = 0
            while place < bytes.count {
                rest = rest << 8 | UInt64(bytes[place])
                place &+= 1
            }
            return mix(hash ^ rest) | 1
        }
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return high ^ low
    }

    /// The tags of the patterns that have a subject.
    func tags(of subject: String) -> [UInt64] {
        guard subject.hasPrefix(prefix) else { return [] }
        let name = String(subject.dropFirst(prefix.count))
        let plain = Self.unescaped(name)
        return [Self.tag(of: Pattern(name))] + (plain == name ? [] : [Self.tag(of: Pattern(plain))])
    }

    private static func unescaped(_ name: String) -> String {
        let bytes = Array(name.utf8)
        var plain: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let digits = bytes[place...].dropFirst().prefix(2)
            let code = digits.count == 2 ? UInt8(String(decoding: digits, as: UTF8.self), radix: 16) : nil
            if bytes[place] == UInt8(ascii: "%"), let code {
                plain.append(code)
                place += 3
            } else {
                plain.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// A subject without the prefix; nil when it has another one.
    func name(of subject: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard subject.count > bytes.count, subject.starts(with: bytes) else { return nil }
        return UnsafeRawBufferPointer(rebasing: subject[bytes.count...])
    }

    private static func isPlain(_ pattern: Pattern) -> Bool {
        guard pattern.name.utf8.first != UInt8(ascii: "{") else { return false }
        return pattern.name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// An object pattern may have dots, stars and arrows in its texts that are no tokens and no wildcards.
    private static func escaped(_ name: String) -> String {
        let isObject = name.utf8.first == UInt8(ascii: "{")
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            let isSpecial = byte == UInt8(ascii: "*") || byte == UInt8(ascii: ">")
            let isEmptyToken = byte == UInt8(ascii: ".") && bytes.last == UInt8(ascii: ".")
            if byte > 0x20, byte != 0x7F, !(isObject && (isSpecial || isEmptyToken)) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes += "\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: - What may not be

extension NatsSubjects {
    /// What is wrong with the prefix; nil when nothing is.
    var problem: String? { prefix.isEmpty ? nil : Self.problem(of: prefix.trimmed(of: ".")) }

    /// What is wrong with an inbox prefix; nil when nothing is.
    static func problem(ofInbox prefix: String) -> String? {
        prefix.hasPrefix("_INBOX") && prefix.utf8.count == 6 ? nil : problem(of: prefix)
    }

    private static func problem(of name: String) -> String? {
        let tokens = name.split(separator: ".", omittingEmptySubsequences: false)
        if tokens.contains(where: \.isEmpty) { return "`\(name)` has an empty token" }
        if name.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: ">") })
        {
            return "`\(name)` has white space or a wildcard"
        }
        return isForeign(tokens[0]) ? "`\(name)` belongs to the server or to replies" : nil
    }

    /// Why a handler's pattern cannot be subscribed to; nil when it can. What the server speaks on (`$JS.API`, `$SYS`)
    /// and where replies go is nobody's to take.
    func problem(subscribing pattern: Pattern, inbox: String) -> String? {
        let first = subject(of: pattern).split(separator: ".").first ?? ""
        if first == "*" || first == ">" {
            return "pattern `\(pattern)` would take subjects of the server and replies of others: set a prefix"
        }
        if Self.isForeign(first) || first == inbox.split(separator: ".").first {
            return "pattern `\(pattern)` belongs to the server or to replies"
        }
        return nil
    }

    private static func isForeign(_ token: Substring) -> Bool {
        token.hasPrefix("$") || token == "_INBOX" || token == "_DEAD"
    }
}

extension String {
    fileprivate func trimmed(of character: Character) -> String {
        var rest = self[...]
        while rest.first == character { rest.removeFirst() }
        while rest.last == character { rest.removeLast() }
        return String(rest)
    }
}
