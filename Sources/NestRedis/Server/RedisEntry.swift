import NIOCore

/// One entry of a stream as it was read: where its id and its message stand.
struct RedisEntry {
    let id: RedisDelivery.ID
    /// The envelope; nil for an entry without one.
    let body: ByteRange?
    /// Where its fields begin in the reply.
    private let fields: Int
    /// How many names and values there are.
    private let count: Int

    /// Reads `[id, [name, value, …]]`; nil, and stepped over, for one that is gone or is none.
    @inline(__always)
    init?(_ cursor: inout RedisCursor, source: UInt8) {
        guard cursor.array() == 2, let text = cursor.text() else { return nil }
        let number = cursor.withBytes(text) { RedisDelivery.ID($0, source: source) }
        guard let count = cursor.array(), let number else { return nil }
        fields = cursor.index
        var body: ByteRange?
        for _ in 0..<(count / 2) {
            guard let name = cursor.text(), let value = cursor.text() else { continue }
            if body == nil, Self.isMessage(name, cursor) { body = value }
        }
        id = number
        self.body = body
        self.count = count
    }

    /// Fields beside the message.
    @inline(__always)
    var hasHeaders: Bool { count > 2 || body == nil }

    /// All fields but the first `m`. Made when somebody wants them: most events are somebody else's.
    func headers(in reply: RedisReply) -> RedisHeaders {
        var headers = RedisHeaders()
        guard hasHeaders else { return headers }
        var (cursor, hasBody) = (RedisCursor(reply, at: fields), false)
        for _ in 0..<(count / 2) {
            guard let name = cursor.text(), let value = cursor.text() else { continue }
            if !hasBody, Self.isMessage(name, cursor) {
                hasBody = true
            } else {
                headers.append(name, value, cursor)
            }
        }
        return headers
    }

    @inline(__always)
    private static func isMessage(_ name: ByteRange, _ cursor: RedisCursor) -> Bool {
        name.length == 1 && cursor.withBytes(name) { $0.first == UInt8(ascii: "m") }
    }

    /// Its names and values as they are.
    func raw(in reply: RedisReply) -> [(name: String, value: ByteBuffer)] {
        var (cursor, all) = (RedisCursor(reply, at: fields), [(name: String, value: ByteBuffer)]())
        for _ in 0..<(count / 2) {
            guard let name = cursor.text(), let value = cursor.text() else { continue }
            let bytes = reply.bytes.getSlice(at: value.start, length: Int(value.length)) ?? ByteBuffer()
            all.append((cursor.string(name), bytes))
        }
        return all
    }
}
