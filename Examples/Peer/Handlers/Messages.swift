import NestMessaging

/// The payload of `echo.typed`: plain `Codable`.
struct TypedEcho: Codable, Sendable, Equatable {
    var id: Int
    var sku: String
    var quantity: Int
    var price: Double
    var note: String
    var tags: [String]
}

/// The payload of `echo.message`: the same, with what `@Message` expands to.
struct MessageEcho: Codable, Sendable, Equatable {
    var id: Int
    var sku: String
    var quantity: Int
    var price: Double
    var note: String
    var tags: [String]
}

extension MessageEcho: JSONMessage {
    init(from reader: inout JSONReader) throws {
        var id: Int?
        var sku: String?
        var quantity: Int?
        var price: Double?
        var note: String?
        var tags: [String]?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if key == "id" {
                id = try reader.value(Int.self, for: "id")
            } else if key == "sku" {
                sku = try reader.value(String.self, for: "sku")
            } else if key == "quantity" {
                quantity = try reader.value(Int.self, for: "quantity")
            } else if key == "price" {
                price = try reader.value(Double.self, for: "price")
            } else if key == "note" {
                note = try reader.value(String.self, for: "note")
            } else if key == "tags" {
                tags = try reader.value([String].self, for: "tags")
            } else {
                try reader.skipValue()
            }
        }
        self.id = try reader.require(id, "id")
        self.sku = try reader.require(sku, "sku")
        self.quantity = try reader.require(quantity, "quantity")
        self.price = try reader.require(price, "price")
        self.note = try reader.require(note, "note")
        self.tags = try reader.require(tags, "tags")
    }

    func write(to writer: inout JSONWriter) throws {
        writer.beginObject()
        try writer.member("id", id)
        try writer.member("sku", sku)
        try writer.member("quantity", quantity)
        try writer.member("price", price)
        try writer.member("note", note)
        try writer.member("tags", tags)
        writer.endObject()
    }
}

struct Slow: Codable, Sendable { var ms: Int }
struct Slept: Codable, Sendable { var slept: Int }
struct Count: Codable, Sendable { var n: Int }
/// An answer of one instance of several.
protocol InstanceAnswer: Decodable, Sendable {
    var count: Int { get }
    var instance: String { get }
}

/// Which run's events are asked for.
struct CountQuery: Codable, Sendable { var run: String }
struct Total: Codable, Sendable, InstanceAnswer {
    var count: Int
    /// Who has counted.
    var instance: String
}
/// What `events.count` answers. The payload is spliced in as it came.
struct UserCount: Codable, Sendable, InstanceAnswer {
    var count: Int
    var last: Payload
    var instance: String
}
struct Flaky: Codable, Sendable {
    var key: String
    var failures: Int
}
struct FlakyKey: Codable, Sendable { var key: String }
struct FlakyLog: Codable, Sendable, InstanceAnswer {
    var count: Int
    var attempts: [Int]
    var instance: String
}
struct Details: Codable, Sendable { var code: Int }
