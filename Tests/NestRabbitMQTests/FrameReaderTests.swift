import NIOCore
import Testing

@testable import NestRabbitMQ

struct FrameReaderTests {
    private func frame(kind: UInt8 = 1, channel: UInt16 = 3, _ payload: [UInt8], end: UInt8 = 0xCE) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeInteger(kind)
        buffer.writeInteger(channel)
        buffer.writeInteger(UInt32(payload.count))
        buffer.writeBytes(payload)
        buffer.writeInteger(end)
        return Array(buffer.readableBytesView)
    }

    @Test func inAnyPieces() throws {
        let body = frame(kind: 3, [UInt8](repeating: 7, count: 100))
        let bytes = frame([1, 2, 3]) + frame(kind: 8, channel: 0, []) + body
        for size in [1, 2, 7, 8, 9, 50, bytes.count] {
            var reader = AMQPFrameReader()
            var seen: [AMQPFrame] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + size)]))
                while let frame = try reader.next() { seen.append(frame) }
            }
            #expect(seen.map(\.kind) == [.method, .heartbeat, .body])
            #expect(seen.map(\.channel) == [3, 0, 3])
            #expect(seen.map(\.payload.readableBytes) == [3, 0, 100])
        }
    }

    private func failure(_ bytes: [UInt8], limit: Int = 131_072) -> AMQPFrameReader.Failure? {
        var reader = AMQPFrameReader()
        reader.limit = limit
        reader.append(ByteBuffer(bytes: bytes))
        do throws(AMQPFrameReader.Failure) {
            _ = try reader.next()
            return nil
        } catch {
            return error
        }
    }

    @Test func hostileBytes() {
        #expect(failure(Array("AMQP".utf8) + [0, 0, 9, 1]) == .otherProtocol)
        #expect(failure(Array("HTTP/1.1 400 Bad Request".utf8)) == .malformed)
        #expect(failure(frame(kind: 9, [1])) == .malformed)
        #expect(failure(frame([1], end: 0)) == .malformed)
        #expect(failure([1, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]) == .tooLarge(0xFFFF_FFFF))
        #expect(failure(frame([UInt8](repeating: 0, count: 93)), limit: 100) == .tooLarge(93))
        #expect(failure(frame([UInt8](repeating: 0, count: 92)), limit: 100) == nil)
    }

    @Test func propertiesSurviveTheLibrary() throws {
        let pool = AMQPPool()
        var writer = AMQPWriter(pool: pool)
        var properties = AMQPProperties.json
        properties.correlationID = "42"
        properties.replyTo = "amq.rabbitmq.reply-to"
        properties.messageID = "m"
        properties.expiration = 5_000
        properties.priority = 3
        properties.headers = [
            "tenant": .text("acmé \u{1F4B6}"), "n": .number(-5), "yes": .flag(true),
            "long": .text(String(repeating: "x", count: 20_000)),
            "table": .table(["inner": .list([.text("a"), .number(1)])]),
        ]
        writer.publish(ByteBuffer(string: "body"), to: "e", key: "k", mandatory: true, properties, channel: 1)
        var reader = AMQPFrameReader()
        reader.append(writer.buffer)
        let method = try #require(try reader.next())
        let header = try #require(try reader.next())
        let body = try #require(try reader.next())
        #expect(method.kind == .method && header.kind == .header && body.kind == .body)
        #expect(String(buffer: body.payload) == "body")
        var bytes = header.payload
        bytes.moveReaderIndex(forwardBy: 12)
        let copy = bytes.withUnsafeReadableBytes { pool.properties($0)?.copied }
        #expect(copy?.correlationID == "42" && copy?.messageID == "m" && copy?.expiration == 5_000)
        #expect(copy?.isPersistent == true && copy?.priority == 3 && copy?.contentType == "application/json")
        #expect(copy?.headers == properties.headers)
    }

    @Test func longBodiesAreCut() throws {
        var writer = AMQPWriter(pool: AMQPPool())
        writer.frameLimit = 4_096
        let body = ByteBuffer(repeating: 7, count: 10_000)
        writer.publish(body, to: "", key: "k", mandatory: false, .init(), channel: 1)
        var reader = AMQPFrameReader()
        reader.limit = 4_096
        reader.append(writer.buffer)
        var sizes: [Int] = []
        while let frame = try reader.next() { if frame.kind == .body { sizes.append(frame.payload.readableBytes) } }
        #expect(sizes == [4_088, 4_088, 1_824])
    }
}
