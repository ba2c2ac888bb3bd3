public import Nest

// What `@Message` stands on here must compile without a warning and be the same JSON as plain `Codable`.

@Message
struct CreateOrder: Request {
    static let pattern: Pattern = "orders.create"
    typealias Reply = OrderCreated

    var sku: String
    var quantity: Int = 1
    var note: String?
}

@Message
struct OrderCreated: Event, Equatable {
    static let pattern: Pattern = "order.created"

    let id: Int
    let sku: String
}

/// Public without anything else public in the file.
@Message
public struct PublicMessage: Equatable {
    /// Seen by all.
    public var id: Int
    /// Seen by all, set here.
    public private(set) var secret: String

    /// A message.
    public init(id: Int, secret: String) {
        self.id = id
        self.secret = secret
    }
}

@Message
package struct PackageMessage: Equatable {
    package var id: Int
    var list, more: [Int]
}

/// The names of surrounding types are known where types are read.
enum Space {
    typealias Number = Int

    struct Line: Codable, Sendable, Equatable {
        var count: Number
        var inner: Inner?
    }

    @Message
    struct Inner: Equatable {
        var number: Number
        fileprivate(set) var lines: [Line]
    }

    @Message
    fileprivate struct Hidden: Equatable {
        private var number: Number
        let name: String

        init(_ number: Number, _ name: String) {
            self.number = number
            self.name = name
        }
    }
}

extension Space {
    @Message
    struct Extended: Equatable {
        var line: Line
        var names: [String: Inner]
    }
}

/// A way to use what only this file sees.
func hiddenCopies() throws -> (json: String, isSame: Bool) {
    let message = Space.Hidden(1, "a")
    return (try json(message), try copies(of: message).allSatisfy { $0 == message })
}

@Message
struct Page<Item: Codable & Sendable & Equatable, Cursor>: Equatable
where Cursor: Codable, Cursor: Sendable, Cursor: Equatable {
    var items: [Item]
    var next: Cursor?
}

@Message
struct Keys: Equatable {
    var id: Int
    var größe: Double
    var `default`: Bool
    var cached: Int = 7
    var reader: String
    var key: UInt8?
    let version = 2
    var watched: Int { didSet { cached = watched } }
    static let shared = 1
    var double: Int { id * 2 }

    private enum CodingKeys: String, CodingKey {
        case id = "order-id"
        case größe = "größe"
        case `default`, reader, key, version, watched
    }
}

@Message struct Nothing: Equatable {}

@Message
struct Everything: Equatable {
    var optional: Optional<Int>
    var nested: Int??
    var float: Float
    var wide: Int64
    var narrow: UInt16
    var flag: Bool?
    var status: Status
    var raw: JSONValue
    var message: OrderCreated
    var messages: [OrderCreated]
    var optionalMessage: OrderCreated?
    var optionalMessages: [OrderCreated]?
    var tags: Set<String>
    var byName: [String: Double]
    var pairs: [[Int]]
}

enum Status: String, Codable, Sendable { case open, closed }

@Message @MainActor struct Isolated {
    var id: Int
    let name: String
}

@Message
struct HandWritten: Equatable {
    var id: Int

    init(id: Int) { self.id = id }

    init(from reader: inout JSONReader) throws {
        id = -(try reader.value(Int.self))
    }

    func write(to writer: inout JSONWriter) throws { try writer.value(-id) }
}
