import NIOCore
import Testing

@testable import NestMessaging

@Suite struct EnvelopeReadingTests {
    private let codec = NestCodec()

    @Test func fieldsInAnyOrderWithWhitespace() throws {
        let message = try codec.message(
            " {\n\t\"headers\" : {\"a\":\"b\"} , \"payload\" : [1, 2] ,\r\"id\":\"x\", \"pattern\" : \"p.q\", \"kind\":\"emit\" } "
        )
        #expect(message.kind == .emit && message.pattern == "p.q")
        #expect("\(message.payload)" == "[1, 2]")
        #expect(message.headers == ["a": "b"])
        #expect(message.string(message.idRange) == "\"x\"")
    }

    @Test func unknownFieldsAreIgnored() throws {
        let message = try codec.message(
            #"{"kind":"send","x":{"kind":"emit"},"pattern":"p","payload":1,"":[],"Kind":"emit","payloads":2}"#)
        #expect(message.kind == .send && "\(message.payload)" == "1")
    }

    @Test func nullOptionalFieldsReadAsAbsent() throws {
        let message = try codec.message(
            #"{"kind":"send","pattern":"p","payload":null,"reply":null,"correlation_id":null,"headers":null}"#)
        #expect(message.payload == .null && message.reply == nil && message.correlationID == nil)
        #expect(message.headers.isEmpty)
    }

    @Test(arguments: [
        (#""a\u002eb""#, "a.b"), (#""\ud83d\ude00""#, "😀"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        ("\"é😀\"", "é😀"), (#""""#, ""),
    ])
    func escapesInThePattern(json: String, pattern: String) throws {
        let message = try codec.message(#"{"kind":"send","pattern":"# + json + #","payload":1}"#)
        #expect(message.pattern == pattern)
        #expect("\(message.payload)" == "1")
    }

    @Test func escapesInFieldNamesReplyAndHeaders() throws {
        let message = try codec.message(
            #"{"k\u0069nd":"send","pattern":"p","payload":1,"headers":{"a\u0062":"x\ny"},"correlation_id":"c"}"#)
        #expect(message.headers["ab"] == "x\ny")
        #expect(message.correlationID == "c")
    }

    @Test(arguments: [
        "", "   ", "null", "[]", "1", "\"x\"", "{", "{}", "{]", #"{"kind"}"#, #"{"kind":}"#, #"{"kind":"send""#,
        #"{"kind":"send","pattern":"p"}"#, #"{"kind":"send","payload":1}"#, #"{"pattern":"p","payload":1}"#,
        #"{"kind":"call","pattern":"p","payload":1}"#, #"{"kind":"SEND","pattern":"p","payload":1}"#,
        #"{"kind":null,"pattern":"p","payload":1}"#, #"{"kind":"send","pattern":1,"payload":1}"#,
        #"{"kind":"send","pattern":null,"payload":1}"#, #"{"kind":"send","pattern":"p","payload":1,}"#,
        #"{"kind":"send","pattern":"p","payload":1} x"#, #"{"kind":"send","pattern":"p","payload":1}{}"#,
        #"{"kind":"send","pattern":"p","payload":01}"#, #"{"kind":"send","pattern":"p","payload":nul}"#,
        #"{"kind":"send","pattern":"p","payload":"\x"}"#, #"{"kind":"send","pattern":"\ud800","payload":1}"#,
        #"{"kind":"send","pattern":"p","payload":1,"payload":2}"#,
        #"{"kind":"send","kind":"send","pattern":"p","payload":1}"#,
        #"{"kind":"send","pattern":"p","payload":1,"reply":7}"#,
        #"{"kind":"send","pattern":"p","payload":1,"correlation_id":{}}"#,
        #"{"kind":"send","pattern":"p","payload":1,"headers":[]}"#,
        #"{"kind":"send","pattern":"p","payload":1,"headers":{"a":1}}"#,
        #"{"kind":"send","pattern":"p","payload":1,"headers":"a"}"#,
        "{\"kind\":\"send\",\"pattern\":\"a\nb\",\"payload\":1}",
        #"{"kind":"credit","id":"1"}"#, #"{"kind":"credit","id":"1","count":-1}"#, #"{"kind":"credit","count":1}"#,
        #"{"kind":"cancel"}"#,
    ])
    func malformedRequests(text: String) {
        #expect(throws: EnvelopeError.self) { try codec.request(text) }
    }

    @Test func invalidUTF8IsMalformed() {
        for bytes: [UInt8] in [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf5, 0x80, 0x80, 0x80]] {
            for field in ["pattern", "payload", "x"] {
                var frame = ByteBuffer(string: #"{"kind":"send","pattern":"p","payload":1,"y":0"#)
                if field == "x" {
                    frame.writeString(",\"x\":\"")
                } else {
                    frame = ByteBuffer(
                        string: field == "pattern"
                            ? #"{"kind":"send","payload":1,"pattern":""# : #"{"kind":"send","pattern":"p","payload":""#)
                }
                frame.writeBytes(bytes)
                frame.writeString("\"}")
                let range = ByteRange(0, frame.writerIndex)
                let broken = frame
                #expect(throws: EnvelopeError.self) { try codec.readRequest(broken, in: range) }
            }
        }
    }

    @Test func nestingIsBounded() throws {
        func nested(_ depth: Int) -> String {
            #"{"kind":"send","pattern":"p","payload":"# + String(repeating: "[", count: depth)
                + String(repeating: "]", count: depth) + "}"
        }
        _ = try codec.message(nested(100))
        #expect(throws: EnvelopeError.self) { try codec.message(nested(129)) }
        #expect(throws: EnvelopeError.self) { try codec.message(nested(100_000)) }
        #expect(throws: EnvelopeError.self) {
            try codec.message(#"{"kind":"send","pattern":"p","payload":"# + String(repeating: "[", count: 1_000_000))
        }
    }

    @Test func aReadableIDIsReportedWithWhatIsWrong() {
        for text in [
            #"{"id":"17","kind":"send","pattern":"p"}"#, #"{"id":"17","kind":"send","pattern":"p","payload":x}"#,
            #"{"id":"17","kind":"#,
        ] {
            let error = #expect(throws: EnvelopeError.self) { try codec.request(text) }
            #expect(error?.id.map { String(buffer: $0) } == "\"17\"")
        }
    }

    /// Whatever is cut off anywhere, or changed anywhere: an error, never a crash.
    @Test func everyTruncationAndEveryChangedByte() throws {
        let text =
            #"{"id":"1","kind":"send","pattern":"a.\u00e9","payload":{"a":[1.5e3,true,null,"x\n"]},"reply":"r","correlation_id":"c","headers":{"nest-timeout-ms":"500","k":"v"}}"#
        let bytes = Array(text.utf8)
        for end in bytes.indices {
            let frame = ByteBuffer(bytes: bytes[..<end])
            #expect(throws: EnvelopeError.self) { try codec.readRequest(frame, in: ByteRange(0, end)) }
            _ = try? codec.readResponse(frame, in: ByteRange(0, end))
        }
        for position in bytes.indices {
            for byte: UInt8 in [0, 0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x30, 0x80, 0xff] {
                var changed = bytes
                changed[position] = byte
                let frame = ByteBuffer(bytes: changed)
                guard case .message(let message)? = try? codec.readRequest(frame, in: ByteRange(0, bytes.count)) else {
                    continue
                }
                _ = (message.pattern, message.payload, message.headers, message.reply, message.correlationID)
            }
        }
    }

    @Test func aFrameInTheMiddleOfABuffer() throws {
        let text = #"{"id":"9","kind":"send","pattern":"p\u0041","payload":[7],"headers":{"a":"b"}}"#
        let frame = ByteBuffer(string: "xxx" + text + "yyy")
        guard case .message(let message) = try codec.readRequest(frame, in: ByteRange(3, 3 + text.utf8.count)) else {
            Issue.record("no message")
            return
        }
        #expect(message.pattern == "pA" && "\(message.payload)" == "[7]" && message.headers == ["a": "b"])
        #expect(message.string(message.idRange) == "\"9\"")
    }

    @Test func whatTheFrameworkReadsInHeaders() throws {
        let before = NIODeadline.now()
        let message = try codec.message(
            #"{"kind":"send","pattern":"p","payload":1,"headers":{"nest-timeout-ms":"1500","nest-stream":"8","nest-attempt":"3"}}"#
        )
        let deadline = try #require(message.deadline)
        #expect(deadline >= before + .milliseconds(1_500) && deadline <= .now() + .milliseconds(1_500))
        #expect(message.streamCredit == 8 && message.attempt == 3)
        let strange = try codec.message(
            #"{"kind":"send","pattern":"p","payload":1,"headers":{"nest-timeout-ms":"soon","nest-stream":"0","nest-attempt":"-1"}}"#
        )
        #expect(strange.deadline == nil && strange.streamCredit == nil && strange.attempt == 1)
        let huge = try codec.message(
            #"{"kind":"send","pattern":"p","payload":1,"headers":{"nest-timeout-ms":"999999999999999999"}}"#)
        let latest = try #require(huge.deadline)
        #expect(latest <= .now() + .hours(24))
    }

    @Test func controls() throws {
        guard case .control(.credit(5), let id) = try codec.request(#"{"id":"3","kind":"credit","count":5}"#) else {
            Issue.record("no credit")
            return
        }
        #expect(String(buffer: id) == "\"3\"")
        guard case .control(.cancel, _) = try codec.request(#"{"kind":"cancel","id":"3"}"#) else {
            Issue.record("no cancel")
            return
        }
    }

    @Test func responses() throws {
        let item = try codec.response(#"{"id":"12","ok":true,"payload":{"a":1},"more":true}"#)
        let one = try Payload(json: #"{"a":1}"#)
        #expect(item.id == 12 && item.content == .item(one))
        let null = try codec.response(#"{"ok":true,"payload":null,"correlation_id":"c"}"#)
        #expect(null.id == nil && null.correlationID == "c" && null.content == .success(.null, hasPayload: true))
        #expect(try codec.response(#"{"ok":false}"#).content == .failure(TransportError("", "microservice error")))
        #expect(
            try codec.response(#"{"ok":false,"error":null}"#).content
                == .failure(TransportError("", "microservice error")))
        let full = #"{"ok":false,"error":{"details":null,"code":"c","message":"m\u00e9"}}"#
        #expect(try codec.response(full).content == .failure(TransportError("c", "mé")))
        #expect(try codec.response(#"{"id":"none of ours","ok":true}"#).id == nil)
        #expect(try codec.response(#"{"id":"0123456789012345678901","ok":true}"#).id == nil)
    }

    @Test(arguments: ["{}", #"{"ok":1}"#, #"{"ok":null}"#, #"{"ok":true,"ok":true}"#, #"{"ok":true"#, "[]"])
    func malformedResponses(text: String) {
        #expect(throws: EnvelopeError.self) { try codec.response(text) }
    }
}
