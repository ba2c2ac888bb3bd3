import NIOCore

/// One entry of a stream as it was read: where its id and its message stand.
struct RedisEntry {
    let id: RedisDelivery.ID
    /// The envelope; nil for an entry without one.
    let body: ByteRange?
    /// All other fields.
    let headers: MessageHeaders
    /// Where its fields begin, for one that cannot be read.
    let fields: RedisCursor
    /// How many names and values there are.
    let count: Int

    /// Reads `[id, [name, value, …]]`; nil, and stepped over, for one that is gone or is none.
    init?(_ cursor: inout RedisCursor, source: UInt8) {
        guard cursor.array() == 2, let text = cursor.text() else { return nil }
        let number = cursor.withBytes(text) { RedisDelivery.ID($0, source: source) }
        guard let count = cursor.array(), let number else { return nil }
        fields = cursor
        var body: ByteRange?
        var headers: [(String, String)] = []
        for _ in 0..<(count / 2) {
            guard let name = cursor.text(), let value = cursor.text() else { continue }
            let isMessage =
                name.length == 1 && cursor.withBytes(name) { $0.first == UInt8(ascii: "m") } && body == nil
            if isMessage { body = value } else { headers.append((cursor.string(name), cursor.string(value))) }
        }
        id = number
        self.body = body
        self.count = count
        self.headers = headers.isEmpty ? [:] : MessageHeaders(headers)
    }

    /// Its names and values as they are.
    func raw(in reply: RedisReply) -> [(name: String, value: ByteBuffer)] {
        var (cursor, all) = (fields, [(name: String, value: ByteBuffer)]())
        for _ in 0..<(count / 2) {
            guard let name = cursor.text(), let value = cursor.text() else { continue }
            let bytes = reply.bytes.getSlice(at: value.start, length: Int(value.length)) ?? ByteBuffer()
            all.append((cursor.string(name), bytes))
        }
        return all
    }
}
