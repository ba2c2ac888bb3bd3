import CRabbitMQ

/// Arguments of a declaration, or the headers of a message.
struct AMQPTable: Sendable, Hashable {
    struct Field: Sendable, Hashable {
        let name: String
        let value: AMQPValue
    }

    private(set) var fields: [Field] = []

    init() {}

    init(_ fields: [Field]) { self.fields = fields }

    subscript(name: String) -> AMQPValue? {
        get { fields.first { $0.name == name }?.value }
        set {
            fields.removeAll { $0.name == name }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// Takes over every field of `other`, in place of its own of the same names.
    mutating func merge(_ other: AMQPTable) {
        let names = Set(other.map(\.name))
        fields.removeAll { names.contains($0.name) }
        fields += other.fields
    }
}

extension AMQPTable: RandomAccessCollection {
    var startIndex: Int { fields.startIndex }
    var endIndex: Int { fields.endIndex }
    subscript(position: Int) -> Field { fields[position] }
}

extension AMQPTable: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, AMQPValue)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }
}

/// A value in a table, as far as anybody here looks at it.
enum AMQPValue: Sendable, Hashable {
    case text(String)
    case number(Int64)
    case flag(Bool)
    indirect case table(AMQPTable)
    case list([AMQPValue])
    /// A kind that nobody here understands; sent as nothing.
    case other

    /// What is there as a text; nil for what is none.
    var text: String? {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .table, .list, .other: nil
        }
    }

    var number: Int64? {
        switch self {
        case .number(let number): number
        case .text(let text): Int64(text)
        case .flag, .table, .list, .other: nil
        }
    }
}

// MARK: - Out of C

extension AMQPTable {
    /// A copy of what the C library has decoded.
    init(copying table: amqp_table_t) { self.init(copying: table, depth: 0) }

    fileprivate init(copying table: amqp_table_t, depth: Int) {
        fields = UnsafeBufferPointer(start: table.entries, count: Swift.max(0, Int(table.num_entries))).map { entry in
            Field(name: entry.key.text, value: AMQPValue(copying: entry.value, depth: depth))
        }
    }
}

extension AMQPValue {
    /// Deeper than anybody nests what is meant to be read.
    private static let depthLimit = 8

    fileprivate init(copying field: amqp_field_value_t, depth: Int) {
        let value = field.value
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_UTF8, AMQP_FIELD_KIND_BYTES: self = .text(value.bytes.text)
        case AMQP_FIELD_KIND_BOOLEAN: self = .flag(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .number(Int64(value.i8))
        case AMQP_FIELD_KIND_U8: self = .number(Int64(value.u8))
        case AMQP_FIELD_KIND_I16: self = .number(Int64(value.i16))
        case AMQP_FIELD_KIND_U16: self = .number(Int64(value.u16))
        case AMQP_FIELD_KIND_I32: self = .number(Int64(value.i32))
        case AMQP_FIELD_KIND_U32: self = .number(Int64(value.u32))
        case AMQP_FIELD_KIND_I64: self = .number(value.i64)
        case AMQP_FIELD_KIND_U64, AMQP_FIELD_KIND_TIMESTAMP: self = .number(Int64(clamping: value.u64))
        case AMQP_FIELD_KIND_TABLE where depth < Self.depthLimit:
            self = .table(AMQPTable(copying: value.table, depth: depth + 1))
        case AMQP_FIELD_KIND_ARRAY where depth < Self.depthLimit:
            let list = value.array
            self = .list(
                UnsafeBufferPointer(start: list.entries, count: max(0, Int(list.num_entries))).map {
                    AMQPValue(copying: $0, depth: depth + 1)
                })
        default: self = .other
        }
    }
}
