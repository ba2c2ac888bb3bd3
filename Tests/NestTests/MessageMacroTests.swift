import Foundation
import Nest
import Testing

@Suite("Types with @Message") struct MessageMacroTests {
    @Test("are the same on the way through their own code and through Codable")
    func copiesAreSame() throws {
        try expectCopies(OrderCreated(id: 1, sku: "a\"b\u{7}ü"))
        try expectCopies(PublicMessage(id: .max, secret: ""))
        try expectCopies(PackageMessage(id: .min, list: [], more: [1, 2]))
        try expectCopies(Space.Inner(number: 1, lines: [.init(count: 2), .init(count: 3)]))
        try expectCopies(
            Space.Extended(
                line: .init(count: 1, inner: .init(number: 2, lines: [])), names: ["a": .init(number: 3, lines: [])]))
        try expectCopies(Page(items: [Space.Line(count: 1)], next: "x"))
        try expectCopies(Page<OrderCreated, Int>(items: [OrderCreated(id: 1, sku: "a")]))
        try expectCopies(Nothing())
        let hidden = try hiddenCopies()
        #expect(hidden.isSame)
    }

    @Test("hold every kind of value", arguments: [nil, 1])
    func everything(optional: Int?) throws {
        let order = OrderCreated(id: 1, sku: "a")
        try expectCopies(
            Everything(
                optional: optional, nested: optional.map(Optional.some), float: 0.1, wide: .min, narrow: .max,
                flag: optional.map { _ in true }, status: .closed, raw: ["a": [1, nil, 1.5]], message: order,
                messages: [order, order], optionalMessage: optional.map { _ in order },
                optionalMessages: optional.map { _ in [order] }, tags: ["x"], byName: ["é": -1.5e-7],
                pairs: [[], [1, 2]]))
    }

    @Test("write their members in order and leave nil out")
    func order() throws {
        #expect(try json(CreateOrder(sku: "a", note: nil)) == #"{"sku":"a","quantity":1}"#)
        #expect(try json(CreateOrder(sku: "a", quantity: 2, note: "n")) == #"{"sku":"a","quantity":2,"note":"n"}"#)
        #expect(try json(Nothing()) == "{}")
    }

    @Test("use the keys of CodingKeys")
    func codingKeys() throws {
        let keys = Keys(id: 1, größe: 0.5, default: true, reader: "r", key: 8, watched: 3)
        let text = #"{"order-id":1,"größe":0.5,"default":true,"reader":"r","key":8,"version":2,"watched":3}"#
        #expect(try json(keys) == text)
        try expectCopies(keys)
        let read = try parse(text.replacing("größe", with: #"gr\u00f6\u00dfe"#), as: Keys.self)
        #expect(read == keys)
    }

    @Test("take members in any order, pass over others, and take null for nothing")
    func tolerance() throws {
        let read = try parse(
            #" { "note" : null, "x": {"sku": [1]}, "quantity": 3, "sku": "a" } "#, as: CreateOrder.self)
        #expect(read.sku == "a" && read.quantity == 3 && read.note == nil)
    }

    @Test("miss what Codable misses", arguments: [#"{}"#, #"{"sku":"a"}"#, #"{"sku":null,"quantity":1}"#, "[]", "1"])
    func refusals(text: String) {
        #expect(throws: DecodingError.self) { try parse(text, as: CreateOrder.self) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(CreateOrder.self, from: Data(text.utf8)) }
    }

    @Test("say which key is missing")
    func missingKey() {
        let error = #expect(throws: DecodingError.self) { try parse(#"{"sku":"a"}"#, as: CreateOrder.self) }
        guard case .keyNotFound(let key, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(key.stringValue == "quantity")
    }

    @Test("keep reading and writing that the user wrote")
    func handWritten() throws {
        #expect(try json(HandWritten(id: 4)) == "-4")
        #expect(try parse("-4", as: HandWritten.self) == HandWritten(id: 4))
    }

    @Test("may be isolated to an actor")
    func isolated() throws {
        let copy = try parse(try json(Isolated(id: 1, name: "a")), as: Isolated.self)
        #expect(copy.id == 1)
    }

    private func expectCopies<Message: JSONMessage & Equatable>(
        _ message: Message, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for copy in try copies(of: message) { #expect(copy == message, sourceLocation: sourceLocation) }
    }
}
