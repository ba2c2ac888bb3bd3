/// Small strings that travel beside a payload: trace context, tenant, idempotency key.
///
/// Names are compared without regard to case, as in HTTP and gRPC. Order of insertion is kept, one value a name.
/// Names that begin with `nest-`, and `traceparent`, `tracestate` and `baggage`, are the framework's.
public struct MessageHeaders: Sendable, Hashable {
    /// One header.
    public struct Entry: Sendable, Hashable {
        /// The name as it was written.
        public let name: String
        /// The value.
        public let value: String
    }

    private(set) var entries: [Entry]

    /// No headers.
    public init() { entries = [] }

    /// Headers from name and value pairs; a later pair replaces an earlier one of the same name.
    public init(_ pairs: some Sequence<(String, String)>) {
        var builder = MessageHeadersBuilder()
        for (name, value) in pairs { builder.set(name, value) }
        self = builder.headers
    }

    /// The value of a header; assigning replaces it, `nil` removes it.
    public subscript(name: String) -> String? {
        get { entries.first { Self.same($0.name, name) }?.value }
        set {
            let index = entries.firstIndex { Self.same($0.name, name) }
            switch (index, newValue) {
            case (let index?, let value?): entries[index] = Entry(name: name, value: value)
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Takes over every header of `other`; its values win.
    public mutating func merge(_ other: MessageHeaders) {
        if entries.isEmpty { return entries = other.entries }
        var builder = MessageHeadersBuilder(self)
        entries = []
        for entry in other { builder.set(entry.name, entry.value) }
        self = builder.headers
    }

    /// Puts a header where one of its name stands, or at the end when none does.
    mutating func put(_ entry: Entry, at place: Int) {
        if place < entries.count { entries[place] = entry } else { entries.append(entry) }
    }

    /// True when two names are the same but for the case.
    static func same(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        var (left, right) = (left, right)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                for index in 0..<left.count where left[index] != right[index] {
                    if lowercase(left[index]) != lowercase(right[index]) { return false }
                }
                return true
            }
        }
    }

    /// All but what the framework alone may write.
    var withoutReserved: MessageHeaders {
        guard entries.contains(where: { Self.isReserved($0.name) }) else { return self }
        var rest = self
        rest.entries.removeAll { Self.isReserved($0.name) }
        return rest
    }

    private static func isReserved(_ name: String) -> Bool {
        let (name, prefix) = (name.utf8, HeaderName.prefix.utf8)
        return name.count >= prefix.count && zip(name, prefix).allSatisfy { lowercase($0) == $1 }
    }

    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension MessageHeaders: RandomAccessCollection {
    /// Index of the first header.
    public var startIndex: Int { entries.startIndex }
    /// Index past the last header.
    public var endIndex: Int { entries.endIndex }
    /// The header at a position.
    public subscript(position: Int) -> Entry { entries[position] }
}

extension MessageHeaders: ExpressibleByDictionaryLiteral {
    /// Headers as a literal: `["tenant": "acme"]`.
    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

/// Names of the headers the framework writes. `WIRE.md` has their meaning.
package enum HeaderName {
    /// What the name of every header begins with that only the framework writes.
    static let prefix = "nest-"
    /// Milliseconds the caller will still wait: time left, not a clock reading.
    package static let timeout = "nest-timeout-ms"
    /// Items the caller is ready to take; makes a request a streaming one.
    package static let stream = "nest-stream"
    /// Which try of an event this is, from 1.
    package static let attempt = "nest-attempt"
    /// A name for the message that stays the same over redeliveries.
    package static let messageID = "nest-message-id"
    /// The key given by the sender: messages of the same key keep their order where the transport promises it.
    package static let key = "nest-key"
    /// Why a message is a dead letter, and where it came from.
    package static let deadReason = "nest-dead-reason"
    package static let deadError = "nest-dead-error"
    package static let deadSource = "nest-dead-source"
    package static let deadAt = "nest-dead-at"
}
