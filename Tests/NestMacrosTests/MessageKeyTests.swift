import Testing

@Suite("Keys of @Message") struct MessageKeyTests {
    @Test("takes keys from CodingKeys and leaves the rest out")
    func codingKeys() {
        expectExpansion(
            """
            @Message struct Order {
                var id: Int
                var `default`: Bool
                var größe: Double
                var cached: Int = 0
                var hint: String?

                private enum CodingKeys: String, CodingKey {
                    case id = #"order-id"#
                    case `default`, größe
                }
            }
            """,
            to: """
                struct Order {
                    var id: Int
                    var `default`: Bool
                    var größe: Double
                    var cached: Int = 0
                    var hint: String?

                    private enum CodingKeys: String, CodingKey {
                        case id = #"order-id"#
                        case `default`, größe
                    }

                    nonisolated private static func readFields(
                        from reader: inout NestJSON.JSONReader
                    ) throws -> (Int, Bool, Double) {
                        var id: Int?
                        var `default`: Bool?
                        var größe: Double?
                        try reader.beginObject()
                        while let key = try reader.nextKey() {
                            if key == #"order-id"# {
                                id = try reader.value(Int.self, for: #"order-id"#)
                            } else if key == "default" {
                                `default` = try reader.value(Bool.self, for: "default")
                            } else if key == "größe" {
                                größe = try reader.value(Double.self, for: "größe")
                            } else {
                                try reader.skipValue()
                            }
                        }
                        return try (
                            reader.require(id, #"order-id"#),
                            reader.require(`default`, "default"),
                            reader.require(größe, "größe")
                        )
                    }
                }

                nonisolated extension Order: NestJSON.JSONMessage {
                    init(from reader: inout NestJSON.JSONReader) throws {
                        (self.id, self.`default`, self.größe) = try Self.readFields(from: &reader)
                    }

                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member(#"order-id"#, self.id)
                        try writer.member("default", self.`default`)
                        try writer.member("größe", self.größe)
                        writer.endObject()
                    }
                }
                """)
    }

    @Test("uses the cases' names when their raw values are no texts")
    func codingKeysWithoutText() {
        expectExpansion(
            """
            @Message struct Order {
                var id: Int
                enum CodingKeys: Int, CodingKey { case id = 1 }
            }
            """,
            to: """
                struct Order {
                    var id: Int
                    enum CodingKeys: Int, CodingKey { case id = 1 
                }

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

                nonisolated extension Order: NestJSON.JSONMessage {
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

    @Test("gives way to properties that are called like its own names")
    func clashes() {
        expectExpansion(
            """
            @Message struct Clash {
                var reader: String
                var key: Int?
                var key_: Int?
                var writer: Int
            }
            """,
            to: """
                struct Clash {
                    var reader: String
                    var key: Int?
                    var key_: Int?
                    var writer: Int

                    nonisolated private static func readFields(
                        from reader_: inout NestJSON.JSONReader
                    ) throws -> (String, Int?, Int?, Int) {
                        var reader: String?
                        var key: Int?
                        var key_: Int?
                        var writer: Int?
                        try reader_.beginObject()
                        while let key__ = try reader_.nextKey() {
                            if key__ == "reader" {
                                reader = try reader_.value(String.self, for: "reader")
                            } else if key__ == "key" {
                                key = try reader_.optionalValue(Int.self, for: "key")
                            } else if key__ == "key_" {
                                key_ = try reader_.optionalValue(Int.self, for: "key_")
                            } else if key__ == "writer" {
                                writer = try reader_.value(Int.self, for: "writer")
                            } else {
                                try reader_.skipValue()
                            }
                        }
                        return try (
                            reader_.require(reader, "reader"),
                            key,
                            key_,
                            reader_.require(writer, "writer")
                        )
                    }
                }

                nonisolated extension Clash: NestJSON.JSONMessage {
                    init(from reader: inout NestJSON.JSONReader) throws {
                        (self.reader, self.key, self.key_, self.writer) = try Self.readFields(from: &reader)
                    }

                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("reader", self.reader)
                        try writer.member("key", self.key)
                        try writer.member("key_", self.key_)
                        try writer.member("writer", self.writer)
                        writer.endObject()
                    }
                }
                """)
    }
}
