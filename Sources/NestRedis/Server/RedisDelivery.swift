import NIOCore

/// One delivery, as Redis numbers it. A handler finds it by `context.metadata(as: RedisDelivery.self)`.
public final class RedisDelivery: BrokerDelivery {
    @usableFromInline package struct ID: Hashable, Sendable {
        /// Which of a server's sources brought it.
        let source: UInt8
        /// The two halves of an entry's id; with lists, only a number.
        let milliseconds: UInt64
        let sequence: UInt64

        /// One round of the hash instead of three.
        @usableFromInline package func hash(into hasher: inout Hasher) {
            hasher.combine(milliseconds &<< 20 ^ sequence &<< 1 ^ UInt64(source))
        }
    }

    /// The stream or list it came from.
    public var stream: String { source.key }
    @usableFromInline package let id: ID
    /// How often it has been delivered, this time included.
    public let deliveries: Int
    @usableFromInline package let key: String?
    let source: any RedisSource
    /// With lists, the element: by it Redis knows what is finished.
    let element: ByteBuffer?
    /// It only keeps its place: no handler here wants it.
    let isPassing: Bool
    /// The fields of an entry that is no message we understand.
    let fields: [(name: String, value: ByteBuffer)]

    init(
        _ source: any RedisSource, id: ID, deliveries: Int, key: String?, isPassing: Bool = false,
        element: ByteBuffer? = nil,
        fields: [(name: String, value: ByteBuffer)] = []
    ) {
        self.source = source
        self.id = id
        self.deliveries = deliveries
        self.key = key
        self.isPassing = isPassing
        self.element = element
        self.fields = fields
    }
}

extension RedisDelivery {
    /// The id of the entry, such as `1700000000000-0`; nil with lists.
    public var entry: String? { element == nil ? id.text : nil }
}

extension RedisDelivery.ID: Comparable {
    @usableFromInline package static func < (left: Self, right: Self) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }
}

extension RedisDelivery.ID {
    var text: String { "\(milliseconds)-\(sequence)" }

    /// Reads `1700000000000-0`; nil for anything else.
    init?(_ text: UnsafeRawBufferPointer, source: UInt8) {
        var place = 0
        guard let milliseconds = Self.number(text, &place), place < text.count, text[place] == UInt8(ascii: "-")
        else { return nil }
        place += 1
        guard let sequence = Self.number(text, &place), place == text.count else { return nil }
        self.init(source: source, milliseconds: milliseconds, sequence: sequence)
    }

    init?(_ text: String) {
        var text = text
        guard let id = text.withUTF8({ Self(UnsafeRawBufferPointer($0), source: 0) }) else { return nil }
        self = id
    }

    /// Up to 19 digits from `place` on, stepped over; nil for none and for more.
    @inline(__always)
    private static func number(_ text: UnsafeRawBufferPointer, _ place: inout Int) -> UInt64? {
        let start = place
        var number: UInt64 = 0
        while place < text.count {
            let digit = text[place] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            guard place - start < 19 else { return nil }
            number = number * 10 + UInt64(digit)
            place += 1
        }
        return place > start ? number : nil
    }
}
