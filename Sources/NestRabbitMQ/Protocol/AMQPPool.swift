import CRabbitMQ

/// Memory for what the C library encodes and decodes. What was taken from it ends with ``recycle()``.
///
/// `@unchecked Sendable`: touched on the event loop of the connection that owns it.
final class AMQPPool: @unchecked Sendable {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        init_amqp_pool(pool, 4_096)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    func recycle() { recycle_amqp_pool(pool) }

    /// A copy of a text.
    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { text in
            guard let source = text.baseAddress, !text.isEmpty else { return amqp_bytes_t(len: 0, bytes: nil) }
            let room = take(text.count)
            room.copyMemory(from: source, byteCount: text.count)
            return amqp_bytes_t(len: text.count, bytes: room)
        }
    }

    /// A copy of a table.
    func table(_ table: AMQPTable) -> amqp_table_t {
        guard !table.isEmpty else { return amqp_table_t(num_entries: 0, entries: nil) }
        let entries = take(of: amqp_table_entry_t.self, count: table.count)
        for (index, field) in table.enumerated() {
            entries[index].key = bytes(field.name)
            entries[index].value = value(field.value)
        }
        return amqp_table_t(num_entries: CInt(table.count), entries: entries)
    }

    private func value(_ value: AMQPValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .text(let text):
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = bytes(text)
        case .number(let number):
            field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            field.value.i64 = number
        case .flag(let flag):
            field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            field.value.boolean = flag ? 1 : 0
        case .table(let inner):
            field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            field.value.table = table(inner)
        case .list(let values):
            let entries = take(of: amqp_field_value_t.self, count: max(1, values.count))
            for (index, value) in values.enumerated() { entries[index] = self.value(value) }
            field.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
            field.value.array = amqp_array_t(num_entries: CInt(values.count), entries: entries)
        case .other: field.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
        }
        return field
    }

    private func take(_ count: Int) -> UnsafeMutableRawPointer {
        guard let room = amqp_pool_alloc(pool, count) else { preconditionFailure("no memory is left") }
        return room
    }

    private func take<Value>(of type: Value.Type, count: Int) -> UnsafeMutablePointer<Value> {
        let room = take(MemoryLayout<Value>.stride * count)
        room.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Value>.stride * count)
        return room.bindMemory(to: type, capacity: count)
    }
}

// MARK: - Decoding

extension AMQPPool {
    /// Decodes a method's arguments and lends them; nil when they are none of this method.
    func withMethod<Method, Result>(
        _ number: UInt32, _ arguments: UnsafeRawBufferPointer, as type: Method.Type, _ body: (Method) -> Result
    ) -> Result? {
        var decoded: UnsafeMutableRawPointer?
        guard amqp_decode_method(number, pool, amqp_bytes_t(lending: arguments), &decoded) >= 0, let decoded else {
            return nil
        }
        return body(decoded.assumingMemoryBound(to: type).pointee)
    }

    /// Decodes the properties of a message; nil when they are none.
    func properties(_ bytes: UnsafeRawBufferPointer) -> amqp_basic_properties_t? {
        var decoded: UnsafeMutableRawPointer?
        let basic = UInt16(60)
        guard amqp_decode_properties(basic, pool, amqp_bytes_t(lending: bytes), &decoded) >= 0, let decoded else {
            return nil
        }
        return decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee
    }
}

extension amqp_bytes_t {
    /// The C library only reads what it decodes.
    init(lending bytes: UnsafeRawBufferPointer) {
        self.init(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }

    /// The same bytes, as long as they live.
    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : len) }

    var text: String { String(decoding: buffer, as: UTF8.self) }

    var isEmpty: Bool { len == 0 }
}
