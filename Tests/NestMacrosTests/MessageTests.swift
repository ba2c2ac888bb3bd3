import Testing

@Suite("@Message") struct MessageTests {
    @Test("reads and writes every stored property")
    func properties() {
        expectExpansion(
            """
            @Message
            struct CreateOrder: Request {
                static let pattern: Pattern = "orders.create"
                var sku: String
                let count: Int
                var note: String?
                let owner: (any Owner)!
                var tags: [String] = [] { didSet {} }
                let version = 1
                var isEmpty: Bool { count == 0 }
                lazy var cache = 3
            }
            """,
            to: """
                struct CreateOrder: Request {
                    static let pattern: Pattern = "orders.create"
                    var sku: String
                    let count: Int
                    var note: String?
                    let owner: (any Owner)!
                    var tags: [String] = [] { didSet {} }
                    let version = 1
                    var isEmpty: Bool { count == 0 }
                    lazy var cache = 3

                    nonisolated private static func readFields(
                        from reader: inout NestJSON.JSONReader
                    ) throws -> (String, Int, String?, (any Owner)?, [String]) {
                        var sku: String?
                        var count: Int?
                        var note: String?
                        var owner: (any Owner)?
                        var tags: [String]?
                        try reader.beginObject()
                        while let key = try reader.nextKey() {
                            if key == "sku" {
                                sku = try reader.value(String.self, for: "sku")
                            } else if key == "count" {
                                count = try reader.value(Int.self, for: "count")
                            } else if key == "note" {
                                note = try reader.optionalValue(String.self, for: "note")
                            } else if key == "owner" {
                                owner = try reader.optionalValue((any Owner).self, for: "owner")
                            } else if key == "tags" {
                                tags = try reader.value([String].self, for: "tags")
                            } else {
                                try reader.skipValue()
                            }
                        }
                        return try (
                            reader.require(sku, "sku"),
                            reader.require(count, "count"),
                            note,
                            owner,
                            reader.require(tags, "tags")
                        )
                    }
                }

                nonisolated extension CreateOrder: NestJSON.JSONMessage {
                    init(from reader: inout NestJSON.JSONReader) throws {
                        (self.sku, self.count, self.note, self.owner, self.tags) = try Self.readFields(from: &reader)
                    }

                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("sku", self.sku)
                        try writer.member("count", self.count)
                        try writer.member("note", self.note)
                        try writer.member("owner", self.owner)
                        try writer.member("tags", self.tags)
                        try writer.member("version", self.version)
                        writer.endObject()
                    }
                }
                """)
    }

    @Test("returns one property without a tuple")
    func oneProperty() {
        expectExpansion(
            "@Message struct OrderID { var id: Int }",
            to: """
                struct OrderID { var id: Int 

                    nonisolated private static func readFields(
                        from reader: inout NestJSON.JSONReader
                    ) throws -> Int {
                        var id: Int?
                        try reader.beginObject()
                        while let key = try reader.nextKey() {
                            if key == "id" {
                                id = try reader.value(Int.self, for: "id")
                            } else {
                                try reader.skipValue()
                            }
                        }
                        return try reader.require(id, "id")
                    }
                }

                nonisolated extension OrderID: NestJSON.JSONMessage {
                    init(from reader: inout NestJSON.JSONReader) throws {
                        self.id = try Self.readFields(from: &reader)
                    }

                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("id", self.id)
                        writer.endObject()
                    }
                }
                """)
    }

    @Test("passes over everything when there is nothing to read")
    func noProperty() {
        expectExpansion(
            """
            @Message struct Ping {
                let version = 2
            }
            """,
            to: """
                struct Ping {
                    let version = 2
                }

                nonisolated extension Ping: NestJSON.JSONMessage {
                    init(from reader: inout NestJSON.JSONReader) throws {
                        try reader.beginObject()
                        while try reader.nextKey() != nil {
                            try reader.skipValue()
                        }
                    }

                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("version", self.version)
                        writer.endObject()
                    }
                }
                """)
    }

    @Test("requires nothing of optionals")
    func onlyOptionals() {
        expectExpansion(
            """
            @Message struct Filter {
                var from, to: Date?
                var page: Optional<Int>
            }
            """,
            to: """
                struct Filter {
                    var from, to: Date?
                    var page: Optional<Int>

                    nonisolated private static func readFields(
                        from reader: inout NestJSON.JSONReader
                    ) throws -> (Date?, Date?, Int?) {
                        var from: Date?
                        var to: Date?
                        var page: Int?
                        try reader.beginObject()
                        while let key = try reader.nextKey() {
                            if key == "from" {
                                from = try reader.optionalValue(Date.self, for: "from")
                            } else if key == "to" {
                                to = try reader.optionalValue(Date.self, for: "to")
                            } else if key == "page" {
                                page = try reader.optionalValue(Int.self, for: "page")
                            } else {
                                try reader.skipValue()
                            }
                        }
                        return (
                            from,
                            to,
                            page
                        )
                    }
                }

                nonisolated extension Filter: NestJSON.JSONMessage {
                    init(from reader: inout NestJSON.JSONReader) throws {
                        (self.from, self.to, self.page) = try Self.readFields(from: &reader)
                    }

                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("from", self.from)
                        try writer.member("to", self.to)
                        try writer.member("page", self.page)
                        writer.endObject()
                    }
                }
                """)
    }
}
