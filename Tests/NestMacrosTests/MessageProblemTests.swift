import Testing

@Suite("@Message used wrongly") struct MessageProblemTests {
    @Test("sends enums to Codable")
    func enums() {
        expect(
            "@Message enum Status: Int { case open = 1 }",
            reports: [
                "1:1 error: an enum with raw values needs no @Message: remove it and write `enum Status: "
                    + "Int, Codable, Sendable`"
            ])
        expect(
            "@Message enum Status { case open, closed }",
            reports: [
                "1:1 error: an enum with raw values needs no @Message: remove it and write `enum Status: "
                    + "String, Codable, Sendable`"
            ])
        expect(
            "@Message enum Status: Codable { case open }",
            reports: [
                "1:1 error: an enum with raw values needs no @Message: remove it and write `enum Status: "
                    + "String, Codable, Sendable`"
            ])
        expect(
            "@Message enum Event { case paid(Int) }",
            reports: [
                "1:1 error: @Message needs a value of stored properties: remove it and make `Event` "
                    + "Codable, it can stand in a struct with @Message"
            ])
    }

    @Test("wants a struct")
    func references() {
        expect(
            "@Message final class Order { var id = 1 }",
            reports: [
                "1:1 error: @Message needs a value of stored properties: make `Order` a struct"
            ])
        expect(
            "@Message actor Order { var id = 1 }",
            reports: [
                "1:1 error: @Message needs a value of stored properties: make `Order` a struct"
            ])
    }

    @Test("wants a type at every property it reads")
    func types() {
        expect(
            """
            @Message struct Order {
                var count = 1, price = 2.5
                var sku = ""
                var isPaid = true
                var items = makeItems()
                let constant = makeItems()
            }
            """,
            reports: [
                "2:9 error: @Message reads by type: write `count: Int` [add the type]",
                "2:20 error: @Message reads by type: write `price: Double` [add the type]",
                "3:9 error: @Message reads by type: write `sku: String` [add the type]",
                "4:9 error: @Message reads by type: write `isPaid: Bool` [add the type]",
                "5:9 error: @Message reads by type: write `items: Type`",
            ],
            fixed: """
                @Message struct Order {
                    var count: Int = 1, price: Double = 2.5
                    var sku: String = ""
                    var isPaid: Bool = true
                    var items = makeItems()
                    let constant = makeItems()
                }
                """)
    }

    @Test("wants a value for what CodingKeys leaves out")
    func leftOut() {
        expect(
            """
            @Message struct Order {
                var id: Int
                let total: Int
                var cache: Int?
                enum CodingKeys: CodingKey { case id }
            }
            """,
            reports: [
                "3:9 error: `total` is not in CodingKeys, so reading cannot set it: add `case total`, or "
                    + "give it a value"
            ])
    }

    @Test("wants keys that stand in JSON as they are")
    func escapedKeys() {
        expect(
            #"""
            @Message struct Order {
                var id: Int, name: String, note: String
                enum CodingKeys: String, CodingKey {
                    case id = "a\"b", name = #"a\b"#
                    case note = "\n"
                }
            }
            """#,
            reports: [
                "4:19 error: @Message writes keys as they are, and this one needs escapes in JSON: take "
                    + "another, or leave the type to Codable without @Message",
                "4:34 error: @Message writes keys as they are, and this one needs escapes in JSON: take "
                    + "another, or leave the type to Codable without @Message",
                "5:21 error: @Message writes keys as they are, and this one needs escapes in JSON: take "
                    + "another, or leave the type to Codable without @Message",
            ])
    }

    @Test("wants CodingKeys where it sees them")
    func hiddenKeys() {
        expect(
            """
            @Message struct Order {
                var id: Int
                typealias CodingKeys = OtherKeys
            }
            """,
            reports: [
                "3:5 error: @Message reads the cases of CodingKeys: write `enum CodingKeys: String, "
                    + "CodingKey` here"
            ])
        expect(
            """
            @Message struct Order {
                var id: Int
                #if DEBUG
                enum CodingKeys: CodingKey { case id }
                #endif
            }
            """,
            reports: [
                "4:5 error: CodingKeys inside #if are not seen by @Message: write them out of it, for "
                    + "all conditions"
            ])
    }

    @Test("wants properties where it sees them")
    func hiddenProperties() {
        expect(
            """
            @Message struct Order {
                #if DEBUG
                var id: Int
                #endif
            }
            """,
            reports: [
                "3:9 error: a stored property inside #if is not seen by @Message: write it out of the #if"
            ])
    }

    @Test("does not look into property wrappers")
    func wrappers() {
        expect(
            """
            @Message struct Order {
                @Clamped var count: Int
                @MainActor var price: Int
                @available(*, deprecated) var sku: String
                @Wrapped static var shared: Int
            }
            """,
            reports: [
                "2:5 error: @Message does not see what @Clamped stores: remove the wrapper, or leave the "
                    + "type to Codable without @Message"
            ])
    }

    @Test("wants each property for itself")
    func tuples() {
        expect(
            "@Message struct Order { var (a, b) = (1, 2) }",
            reports: [
                "1:29 error: @Message reads by name: write a property for each part of the tuple"
            ])
    }

    @Test("does not go past a Codable written by hand")
    func ownCodable() {
        expect(
            """
            @Message struct Order {
                var id: Int
                init(from decoder: any Decoder) throws { id = 1 }
                func encode(to encoder: any Encoder) throws {}
            }
            """,
            reports: [
                "3:5 error: @Message would read JSON without this init: remove @Message, or remove the "
                    + "init",
                "4:10 error: @Message would write JSON without this method: remove @Message, or remove "
                    + "the method",
            ])
    }

    @Test("wants constraints")
    func generics() {
        expect(
            "@Message struct Page<Item, let count: Int> { var items: [Item] }",
            reports: [
                "1:22 error: all of a message is coded: write `Item: Codable & Sendable` [add `Codable & "
                    + "Sendable`]"
            ],
            fixed: "@Message struct Page<Item: Codable & Sendable, let count: Int> { var items: [Item] }")
    }

    @Test("cannot extend a private type in another")
    func nested() {
        expect(
            """
            enum Space {
                @Message private struct Order { var id: Int }
            }
            """,
            reports: [
                "2:14 error: @Message adds an extension, and none can see a private type inside another: "
                    + "write `fileprivate` [write `fileprivate`]"
            ],
            fixed: """
                enum Space {
                    @Message fileprivate struct Order { var id: Int }
                }
                """)
    }
}
