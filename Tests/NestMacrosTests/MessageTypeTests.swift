import Testing

@Suite("@Message by type") struct MessageTypeTests {
    @Test("is as visible as the type")
    func access() {
        expectExpansion(
            "@Message public struct Open { public var id: Int }",
            to: """
                public struct Open { public var id: Int 

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

                nonisolated extension Open: NestJSON.JSONMessage {
                    public init(from reader: inout NestJSON.JSONReader) throws {
                        self.id = try Self.readFields(from: &reader)
                    }

                    public func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("id", self.id)
                        writer.endObject()
                    }
                }
                """)
        expectExpansion(
            "@Message package struct Ours { var id: Int }",
            to: """
                package struct Ours { var id: Int 

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

                nonisolated extension Ours: NestJSON.JSONMessage {
                    package init(from reader: inout NestJSON.JSONReader) throws {
                        self.id = try Self.readFields(from: &reader)
                    }

                    package func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("id", self.id)
                        writer.endObject()
                    }
                }
                """)
        expectExpansion(
            """
            public extension Orders {
                @Message struct Inner { var id: Int }
            }
            """,
            to: """
                public extension Orders {
                    struct Inner { var id: Int 

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
                }

                nonisolated extension Orders.Inner: NestJSON.JSONMessage {
                    public init(from reader: inout NestJSON.JSONReader) throws {
                        self.id = try Self.readFields(from: &reader)
                    }

                    public func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("id", self.id)
                        writer.endObject()
                    }
                }
                """)
        expectExpansion(
            """
            enum Space {
                @Message fileprivate struct Inner { private var id: Int }
            }
            """,
            to: """
                enum Space {
                    fileprivate struct Inner { private var id: Int 

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
                }

                nonisolated extension Space.Inner: NestJSON.JSONMessage {
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

    @Test("leaves the constraints to the type")
    func generics() {
        expectExpansion(
            """
            @Message struct Page<Item: Codable & Sendable, Key>: Request where Key: Codable, Key: Sendable {
                var items: [Item]
                var next: Key?
            }
            """,
            to: """
                struct Page<Item: Codable & Sendable, Key>: Request where Key: Codable, Key: Sendable {
                    var items: [Item]
                    var next: Key?

                    nonisolated private static func readFields(
                        from reader: inout NestJSON.JSONReader
                    ) throws -> ([Item], Key?) {
                        var items: [Item]?
                        var next: Key?
                        try reader.beginObject()
                        while let key = try reader.nextKey() {
                            if key == "items" {
                                items = try reader.value([Item].self, for: "items")
                            } else if key == "next" {
                                next = try reader.optionalValue(Key.self, for: "next")
                            } else {
                                try reader.skipValue()
                            }
                        }
                        return try (
                            reader.require(items, "items"),
                            next
                        )
                    }
                }

                nonisolated extension Page: NestJSON.JSONMessage {
                    init(from reader: inout NestJSON.JSONReader) throws {
                        (self.items, self.next) = try Self.readFields(from: &reader)
                    }

                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("items", self.items)
                        try writer.member("next", self.next)
                        writer.endObject()
                    }
                }
                """)
    }
}
