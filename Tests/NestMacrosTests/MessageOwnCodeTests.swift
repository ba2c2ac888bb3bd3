import Testing

@Suite("@Message beside code by hand") struct MessageOwnCodeTests {
    @Test("leaves an init of the user alone")
    func ownReading() {
        expectExpansion(
            """
            @Message struct Order {
                var id: Int
                init(from reader: inout JSONReader) throws { id = 1 }
                init(from decoder: any Decoder) throws { id = 1 }
            }
            """,
            to: """
                struct Order {
                    var id: Int
                    init(from reader: inout JSONReader) throws { id = 1 }
                    init(from decoder: any Decoder) throws { id = 1 }
                }

                nonisolated extension Order: NestJSON.JSONMessage {
                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("id", self.id)
                        writer.endObject()
                    }
                }
                """)
    }

    @Test("leaves a method of the user alone")
    func ownWriting() {
        expectExpansion(
            """
            @Message struct Order {
                var id: Int
                func write(to writer: inout NestJSON.JSONWriter) throws {}
                func encode(to encoder: any Encoder) throws {}
            }
            """,
            to: """
                struct Order {
                    var id: Int
                    func write(to writer: inout NestJSON.JSONWriter) throws {}
                    func encode(to encoder: any Encoder) throws {}

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
                }
                """)
    }

    @Test("only conforms when all is written")
    func ownCoding() {
        expectExpansion(
            """
            @Message struct Order {
                init(from reader: inout JSONReader) throws {}
                func write(to writer: inout JSONWriter) throws {}
            }
            """,
            to: """
                struct Order {
                    init(from reader: inout JSONReader) throws {}
                    func write(to writer: inout JSONWriter) throws {}
                }

                nonisolated extension Order: NestJSON.JSONMessage {}
                """)
    }

    @Test("adds only members to a type that conforms")
    func conforming() {
        expectExpansion(
            "@Message struct Order: JSONMessage { var id: Int }",
            to: """
                struct Order: JSONMessage { var id: Int 

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

                nonisolated extension Order {
                    init(from reader: inout NestJSON.JSONReader) throws {
                        self.id = try Self.readFields(from: &reader)
                    }

                    func write(to writer: inout NestJSON.JSONWriter) throws {
                        writer.beginObject()
                        try writer.member("id", self.id)
                        writer.endObject()
                    }
                }
                """, conforming: true)
    }
}
