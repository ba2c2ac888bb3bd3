import Foundation

/// Types that use all that `Codable` has, filled from a seed.
struct Sample: Codable, Equatable {
    var numbers: Numbers
    var text: String
    var maybe: String?
    var flags: [Bool]
    var nested: [Sample]
    var byName: [String: Numbers?]
    var byNumber: [Int: String]
    var byDouble: [Double: Int]
    var choices: [Choice]
    var level: Level
    var levels: [Level: Int]
    var rows: [[Double]]
    var optionals: [Int?]
    var special: Special
    var derived: Derived
    var tree: Tree
    var flat: Flattened

    init(_ random: inout SeededRandom, depth: Int = 2) {
        numbers = Numbers(&random)
        text = random.text()
        maybe = random.flip() ? random.text() : nil
        flags = random.list { $0.flip() }
        nested = depth > 0 ? random.list(2) { Sample(&$0, depth: depth - 1) } : []
        byName = Dictionary(
            random.list { ($0.text(), $0.flip() ? Numbers(&$0) : nil) }, uniquingKeysWith: { first, _ in first })
        byNumber = Dictionary(
            random.list { ($0.integer(Int.self), $0.text()) }, uniquingKeysWith: { first, _ in first })
        byDouble = Dictionary(
            random.list { ($0.double(), $0.integer(Int.self)) }, uniquingKeysWith: { first, _ in first })
        choices = random.list(6) { Choice(&$0) }
        level = Level.allCases.randomElement(using: &random) ?? .low
        levels = [level: 1]
        rows = random.list { $0.list { $0.double() } }
        optionals = random.list { $0.flip() ? $0.integer(Int.self) : nil }
        special = Special(&random)
        derived = Derived(&random)
        tree = Tree(&random, depth: depth)
        flat = Flattened(&random)
    }
}

struct Numbers: Codable, Equatable {
    var int: Int, int8: Int8, int16: Int16, int32: Int32, int64: Int64
    var uint: UInt, uint8: UInt8, uint16: UInt16, uint32: UInt32, uint64: UInt64
    var int128: Int128, uint128: UInt128
    var double: Double, float: Float

    init(_ random: inout SeededRandom) {
        (int, int8, int16) = (random.integer(Int.self), random.integer(Int8.self), random.integer(Int16.self))
        (int32, int64) = (random.integer(Int32.self), random.integer(Int64.self))
        (uint, uint8, uint16) = (random.integer(UInt.self), random.integer(UInt8.self), random.integer(UInt16.self))
        (uint32, uint64) = (random.integer(UInt32.self), random.integer(UInt64.self))
        (int128, uint128) = (random.integer(Int128.self), random.integer(UInt128.self))
        (double, float) = (random.double(), random.float())
    }
}

enum Level: String, Codable, CaseIterable { case low, high = "HIGH" }

enum Choice: Codable, Equatable {
    case empty
    case one(Int)
    case named(text: String, count: Int?)
    indirect case nested(Choice, [Choice])

    init(_ random: inout SeededRandom) {
        switch Int.random(in: 0...4, using: &random) {
        case 0: self = .empty
        case 1: self = .one(random.integer(Int.self))
        case 2: self = .nested(Choice(&random), [.empty, .one(1)])
        default: self = .named(text: random.text(), count: random.flip() ? 1 : nil)
        }
    }
}

struct Special: Codable, Equatable {
    var date: Date
    var data: Data
    var url: URL
    var decimal: Decimal
    var uuid: UUID

    init(_ random: inout SeededRandom) {
        date = Date(timeIntervalSinceReferenceDate: Double(random.integer(Int32.self)) / 8)
        data = Data(random.list(9) { $0.integer(UInt8.self) })
        url = URL(filePath: "/a b/c", directoryHint: .notDirectory).appending(path: random.flip() ? "x/y" : "z")
        decimal = Decimal(random.integer(Int32.self)) / 1000
        uuid = UUID()
    }
}

class Base: Codable {
    var base: Int
    init(base: Int) { self.base = base }
}

final class Derived: Base, Equatable {
    var own: String

    enum CodingKeys: String, CodingKey { case own }

    init(_ random: inout SeededRandom) {
        own = random.text()
        super.init(base: random.integer(Int.self))
    }

    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        own = try container.decode(String.self, forKey: .own)
        try super.init(from: container.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try super.encode(to: container.superEncoder())
        try container.encode(own, forKey: .own)
    }

    static func == (left: Derived, right: Derived) -> Bool { left.own == right.own && left.base == right.base }
}

final class Tree: Codable, Equatable {
    var value: Double
    var children: [Tree]

    init(_ random: inout SeededRandom, depth: Int) {
        value = random.double()
        children = depth > 0 ? random.list(3) { Tree(&$0, depth: depth - 1) } : []
    }

    static func == (left: Tree, right: Tree) -> Bool { left.value == right.value && left.children == right.children }
}

/// Nested containers by hand, filled in an order that is not the order of the text.
struct Flattened: Codable, Equatable {
    var x: Int
    var y: String
    var list: [Int]
    var inner: String

    enum Keys: String, CodingKey { case position, list, after }
    enum Position: String, CodingKey { case x, y }

    init(_ random: inout SeededRandom) {
        x = random.integer(Int.self)
        y = random.text()
        list = random.list { $0.integer(Int.self) }
        inner = random.text()
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let position = try container.nestedContainer(keyedBy: Position.self, forKey: .position)
        x = try position.decode(Int.self, forKey: .x)
        y = try position.decode(String.self, forKey: .y)
        var outer = try container.nestedUnkeyedContainer(forKey: .list)
        var numbers = try outer.nestedUnkeyedContainer()
        list = []
        while !numbers.isAtEnd { list.append(try numbers.decode(Int.self)) }
        inner = try outer.nestedContainer(keyedBy: Position.self).decode(String.self, forKey: .y)
        guard try outer.decodeNil(), outer.isAtEnd, try container.decode(Bool.self, forKey: .after) else {
            throw DecodingError.dataCorruptedError(in: outer, debugDescription: "shape")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        var position = container.nestedContainer(keyedBy: Position.self, forKey: .position)
        var outer = container.nestedUnkeyedContainer(forKey: .list)
        var numbers = outer.nestedUnkeyedContainer()
        try position.encode(x, forKey: .x)
        var named = outer.nestedContainer(keyedBy: Position.self)
        try container.encode(true, forKey: .after)
        for number in list { try numbers.encode(number) }
        try named.encode(inner, forKey: .y)
        try outer.encodeNil()
        try position.encode(y, forKey: .y)
    }
}
