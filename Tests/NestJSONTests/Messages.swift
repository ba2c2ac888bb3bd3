import Foundation
import NestJSON

/// Messages as `@Message` writes them.
struct Order: JSONMessage, Equatable {
    var sku: String
    var count: Int
    var note: String?
    var tags: [String] = []
    var price: Double
    var paid: Bool
    var when: Date
    var level: Level
    var lines: [Line]
    var link: URL?
    var small: Int16?
    var parts: [String: Line]?

    init(_ random: inout SeededRandom) {
        (sku, count, price) = (random.text(), random.integer(Int.self), random.double())
        note = random.flip() ? random.text() : nil
        tags = random.list { $0.text() }
        paid = random.flip()
        when = Date(timeIntervalSinceReferenceDate: Double(random.integer(Int32.self)))
        level = random.flip() ? .low : .high
        lines = random.list { Line(name: $0.text(), numbers: $0.list { $0.integer(Int.self) }) }
        link = random.flip() ? URL(string: "https://example.org") : nil
        small = random.flip() ? random.integer(Int16.self) : nil
        parts = random.flip() ? ["a": Line(name: random.text(), numbers: [])] : nil
    }

    init(from reader: inout JSONReader) throws {
        var sku: String?, count: Int?, note: String?, tags: [String]?, price: Double?, paid: Bool?
        var when: Date?, level: Level?, lines: [Line]?, link: URL?, small: Int16?, parts: [String: Line]?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if key == "sku" {
                sku = try reader.value(String.self, for: "sku")
            } else if key == "count" {
                count = try reader.value(Int.self, for: "count")
            } else if key == "note" {
                note = try reader.optionalValue(String.self, for: "note")
            } else if key == "tags" {
                tags = try reader.value([String].self, for: "tags")
            } else if key == "price" {
                price = try reader.value(Double.self, for: "price")
            } else if key == "paid" {
                paid = try reader.value(Bool.self, for: "paid")
            } else if key == "when" {
                when = try reader.value(Date.self, for: "when")
            } else if key == "level" {
                level = try reader.value(Level.self, for: "level")
            } else if key == "lines" {
                lines = try reader.value([Line].self, for: "lines")
            } else if key == "link" {
                link = try reader.optionalValue(URL.self, for: "link")
            } else if key == "small" {
                small = try reader.optionalValue(Int16.self, for: "small")
            } else if key == "parts" {
                parts = try reader.optionalValue([String: Line].self, for: "parts")
            } else {
                try reader.skipValue()
            }
        }
        self.sku = try reader.require(sku, "sku")
        self.count = try reader.require(count, "count")
        self.note = note
        self.tags = try reader.require(tags, "tags")
        self.price = try reader.require(price, "price")
        self.paid = try reader.require(paid, "paid")
        self.when = try reader.require(when, "when")
        self.level = try reader.require(level, "level")
        self.lines = try reader.require(lines, "lines")
        self.link = link
        self.small = small
        self.parts = parts
    }

    func write(to writer: inout JSONWriter) throws {
        writer.beginObject()
        try writer.member("sku", sku)
        try writer.member("count", count)
        try writer.member("note", note)
        try writer.member("tags", tags)
        try writer.member("price", price)
        try writer.member("paid", paid)
        try writer.member("when", when)
        try writer.member("level", level)
        try writer.member("lines", lines)
        try writer.member("link", link)
        try writer.member("small", small)
        try writer.member("parts", parts)
        writer.endObject()
    }
}

struct Line: JSONMessage, Equatable {
    var name: String
    var numbers: [Int]

    init(name: String, numbers: [Int]) {
        self.name = name
        self.numbers = numbers
    }

    init(from reader: inout JSONReader) throws {
        var name: String?
        var numbers: [Int]?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if key == "name" {
                name = try reader.value(String.self, for: "name")
            } else if key == "numbers" {
                numbers = try reader.value([Int].self, for: "numbers")
            } else {
                try reader.skipValue()
            }
        }
        self.name = try reader.require(name, "name")
        self.numbers = try reader.require(numbers, "numbers")
    }

    func write(to writer: inout JSONWriter) throws {
        writer.beginObject()
        try writer.member("name", name)
        try writer.member("numbers", numbers)
        writer.endObject()
    }
}
