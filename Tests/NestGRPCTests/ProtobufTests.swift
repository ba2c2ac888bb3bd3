import NIOCore
import Testing

@testable import NestGRPC

@Suite struct ProtobufTests {
    private func fields(_ bytes: [UInt8]) throws -> [UInt64] {
        try bytes.withUnsafeBytes { bytes in
            var reader = ProtobufReader(bytes)
            var seen: [UInt64] = []
            while let field = try reader.next() {
                seen.append(field.number)
                try reader.skip(field.kind)
            }
            return seen
        }
    }

    private func varint(_ bytes: [UInt8]) throws -> UInt64 {
        try bytes.withUnsafeBytes { bytes in
            var reader = ProtobufReader(bytes)
            return try reader.varint()
        }
    }

    @Test func varintsGoBothWays() throws {
        for value in [0, 1, 127, 128, 300, 1 << 32, UInt64.max] as [UInt64] {
            var buffer = ByteBuffer()
            buffer.writeVarint(value)
            #expect(try varint(Array(buffer.readableBytesView)) == value)
            if value <= Int.max { #expect(ProtobufSize.varint(Int(value)) == buffer.readableBytes) }
        }
    }

    /// Eleven bytes, a tenth byte with bits that no number has, and a number without an end.
    @Test(arguments: [
        [UInt8](repeating: 0x80, count: 10) + [1], [UInt8](repeating: 0xff, count: 9) + [2], [0x80, 0x80], [],
    ])
    func hostileVarintsAreRefused(_ bytes: [UInt8]) {
        #expect(throws: ProtobufReader.Failure.self) { try varint(bytes) }
    }

    @Test func unknownFieldsOfEveryKindArePassedOver() throws {
        let bytes: [UInt8] = [
            0x08, 0x96, 0x01,  // 1: varint
            0x11, 1, 2, 3, 4, 5, 6, 7, 8,  // 2: fixed64
            0x1a, 2, 0xff, 0xff,  // 3: bytes
            0x23, 0x08, 1, 0x2b, 0x2c, 0x24,  // 4: a group with a varint and a group in it
            0x35, 1, 2, 3, 4,  // 6: fixed32
            0xf8, 0x07, 1,  // 127: varint
        ]
        #expect(try fields(bytes) == [1, 2, 3, 4, 6, 127])
    }

    @Test(
        arguments: [
            [0x1a, 5, 1, 2],  // longer than the message
            [0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],  // longer than memory
            [0x11, 1, 2, 3], [0x35, 1],  // cut off
            [0x00], [0x02, 0],  // field 0
            [0x0e], [0x0f],  // kinds that do not exist
            [0x24],  // the end of no group
            [0x23, 0x08, 1],  // a group without an end
            [UInt8](repeating: 0x23, count: 100),  // too deep
        ] as [[UInt8]])
    func hostileMessagesAreRefused(_ bytes: [UInt8]) {
        #expect(throws: ProtobufReader.Failure.self) { try fields(bytes) }
    }
}

@Suite struct NestMessageTests {
    private func request(_ bytes: [UInt8]) throws -> IncomingMessage {
        try NestRequest.read(.send, ByteBuffer(bytes: bytes))
    }

    private func bytes(_ body: (inout ByteBuffer) -> Void) -> [UInt8] {
        var buffer = ByteBuffer()
        body(&buffer)
        return Array(buffer.readableBytesView)
    }

    @Test func requestsAreReadWhereTheyStand() throws {
        let message = try request(
            bytes {
                $0.writeField(2, #"{"a":1}"#)
                $0.writeField(9, "unknown")
                $0.writeField(1, "orders.get")
            })
        #expect(message.pattern == "orders.get")
        #expect(message.payload.description == #"{"a":1}"#)
    }

    @Test func whatIsNoRequestIsRefused() {
        let bad: [[UInt8]] = [
            bytes { $0.writeField(1, "a") },  // no payload
            bytes {
                $0.writeField(1, "a")
                $0.writeField(2, "{")
            },
            bytes { $0.writeField(2, "1") },  // no pattern
            bytes {
                $0.writeField(1, String(repeating: "a", count: 513))
                $0.writeField(2, "1")
            },
            [0x0a, 1, 0xff, 0x12, 1, 0x31],  // a pattern that is no UTF-8
            [0x0a, 9, 0x61],
        ]
        for bytes in bad { #expect(throws: NestRequest.Failure.self) { try request(bytes) } }
    }

    @Test(arguments: [MessageKind.send, .emit])
    func failuresKeepCodeMessageAndDetails(_ kind: MessageKind) throws {
        let error = TransportError("card_declined", "no money: 0 €", details: ["code": 402])
        var buffer = ByteBuffer()
        NestResponse.write(error, kind, to: &buffer)
        guard case .message(let frame) = GRPCMessageFrame.next(in: &buffer, limit: 1_000) else {
            Issue.record("no message")
            return
        }
        #expect(try NestResponse.read(frame, kind) == .failure(error))
    }

    @Test func theFieldsOfRevisionOneAreWhereTheyWere() throws {
        // SendResponse{ok: false, error_message: "m", error_details_json: "{}", has_error_details: true}
        let old = ByteBuffer(bytes: [0x1a, 1, 0x6d, 0x22, 2, 0x7b, 0x7d, 0x28, 1])
        let failure = WireResponse.failure(TransportError("", "m", details: try Payload(json: "{}")))
        #expect(try NestResponse.read(old, .send) == failure)
        // EmitResponse with the same: its numbers are one less.
        let event = ByteBuffer(bytes: [0x12, 1, 0x6d, 0x1a, 2, 0x7b, 0x7d, 0x20, 1])
        #expect(try NestResponse.read(event, .emit) == failure)
    }

    @Test func aReplyThatIsNoJSONIsRefused() {
        let frame = ByteBuffer(bytes: [0x08, 1, 0x12, 1, 0x7b])
        #expect(throws: TransportError.self) { try NestResponse.read(frame, .send) }
    }
}
