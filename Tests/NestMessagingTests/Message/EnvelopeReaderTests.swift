import NIOCore
import Testing

@testable import NestMessaging

/// One envelope after another: what was remembered of the last one changes nothing.
@Suite struct EnvelopeReaderTests {
    /// Envelopes of all kinds, many of which begin as others do.
    private static let texts =
        [
            #"{"kind":"emit","pattern":"a.b","payload":1}"#,
            #"{"kind":"emit","pattern":"a.b","payload":{"x":[1,2]}}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1,"headers":{"a":"b","nest-attempt":"3"}}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1,"headers":null,"reply":null}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1,"reply":"r","correlation_id":"c","id":"7"}"#,
            #"{"kind":"emit","pattern":"a.c","payload":1}"#,
            #"{"kind":"emit","pattern":"a.bb","payload":1}"#,
            #"{"kind":"send","pattern":"a.b","payload":"x","headers":{"nest-timeout-ms":"5000","nest-stream":"8"}}"#,
            #"{"kind":"send","pattern":"a.b","payload":null}"#,
            #"{"pattern":"a.b","kind":"send","payload":2}"#,
            #"{"kind":"send","pattern":"a\u002eb","payload":2}"#,
            #"{"kind":"send","pattern":"a\u002eb","payload":3,"reply":"r"}"#,
            #"{"k\u0069nd":"send","pattern":"a.b","payload":2}"#,
            #"{"kind":"send","pattern":"a.b","new":[1],"payload":2}"#,
            #"{"id":"1","kind":"send","pattern":"a.b","payload":2}"#,
            #"{"id":"2","kind":"send","pattern":"a.b","payload":2}"#,
            #"{"kind":"send","pattern":"a.b","headers":{"a":"1"},"payload":2}"#,
            #"{"kind":"send","pattern":"a.b","headers":{"a":"2"},"payload":2}"#,
            #"{"kind":"send","pattern":"a.b","count":1,"payload":2}"#,
            #"{"payload":2,"kind":"send","pattern":"a.b"}"#,
            #"{"kind":"send","payload":2,"pattern":"a.b"}"#,
            " {\"kind\" : \"emit\", \"pattern\":\"a.b\",\"payload\": 1 } ",
        ]

    /// None of them is a message, though some begin like one.
    private static let faults =
        [
            #"{"kind":"emit","pattern":"a.b","payload":"#, #"{"kind":"emit","pattern":"a.b","payload":}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1"#, #"{"kind":"emit","pattern":"a.b","payload":01}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1}x"#, #"{"kind":"emit","pattern":"a.b","payload":1,}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1,"payload":2}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1,"kind":"emit"}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1,"pattern":"a.b"}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1,"headers":[]}"#,
            #"{"kind":"emit","pattern":"a.b","payload":1,"reply":7}"#,
            #"{"kind":"send","pattern":"a.b","count":1,"payload":2,"count":1}"#,
            #"{"kind":"credit","id":"1","count":3}"#, #"{"kind":"cancel","id":"1"}"#, "", "{}", "null",
        ]

    private static var all: [String] { texts + faults }

    @Test("every envelope is read behind every other as it is read alone", arguments: all)
    func readsBehindOthers(first: String) throws {
        for second in Self.all {
            var reader = EnvelopeReader()
            _ = Self.read(first, &reader)
            let (found, expected) = (Self.read(second, &reader), Self.read(second))
            #expect(found == expected, "behind \(first)")
            #expect((found != nil) == Self.texts.contains(second), "\(second) behind \(first)")
            #expect(Self.read(second, &reader) == expected, "behind itself")
        }
    }

    @Test("messages whose beginnings have the same number have the same pattern", arguments: all)
    func numbersBeginnings(first: String) throws {
        for second in Self.all {
            var reader = EnvelopeReader()
            let one = Self.read(first, &reader)
            let number = reader.headNumber
            let two = Self.read(second, &reader)
            if let number, number == reader.headNumber {
                #expect(one?.split(separator: " ")[..<2] == two?.split(separator: " ")[..<2])
            }
            if two == nil { #expect(reader.headNumber == nil, "\(second)") }
        }
        #expect(Self.texts.count { Self.numberTwice($0) } == 13)
    }

    /// True when an envelope has the number that it had the time before.
    private static func numberTwice(_ text: String) -> Bool {
        var reader = EnvelopeReader()
        _ = read(text, &reader)
        let number = reader.headNumber
        _ = read(text, &reader)
        return number != nil && number == reader.headNumber
    }

    @Test("the rest of the frame stays where it is, escapes in the pattern or none")
    func keepsTheFrame() throws {
        var reader = EnvelopeReader()
        for text in [
            #"{"kind":"emit","pattern":"a\u002eb","payload":1}"#, #"{"kind":"emit","pattern":"a.b","payload":1}"#,
        ] {
            let frame = ByteBuffer(string: "<" + text + ">rest")
            let range = ByteRange(1, 1 + text.utf8.count)
            var message = IncomingMessage(kind: .send, frame: frame, pattern: .none, payload: .none)
            try #require(reader.read(range, into: &message))
            #expect(message.pattern == "a.b" && message.kind == .emit && "\(message.payload)" == "1")
            #expect(message.string(ByteRange(0, 1)) == "<")
            #expect(message.string(ByteRange(range.end, range.end + 5)) == ">rest")
        }
    }

    @Test("what is no message leaves the message as it is")
    func leavesTheMessage() throws {
        var reader = EnvelopeReader()
        _ = Self.read(Self.texts[0], &reader)
        for text in Self.faults {
            let frame = ByteBuffer(string: text)
            var message = IncomingMessage(
                kind: .send, frame: frame, pattern: ByteRange(0, frame.writerIndex), payload: .none)
            #expect(!reader.read(ByteRange(0, frame.writerIndex), into: &message))
            #expect(message.kind == .send && message.pattern == text && message.deadline == nil)
        }
    }

    /// What an envelope says, in words.
    private static func read(_ text: String, _ reader: inout EnvelopeReader) -> String? {
        let frame = ByteBuffer(string: text)
        var message = IncomingMessage(kind: .send, frame: frame, pattern: .none, payload: .none)
        return reader.read(ByteRange(0, frame.writerIndex), into: &message) ? describe(message) : nil
    }

    private static func read(_ text: String) -> String? {
        let frame = ByteBuffer(string: text)
        guard case .message(let message)? = try? NestCodec().readRequest(frame, in: ByteRange(0, frame.writerIndex))
        else { return nil }
        return describe(message)
    }

    private static func describe(_ message: IncomingMessage) -> String {
        let headers = message.headers.map { "\($0.name)=\($0.value)" }
        return """
            \(message.kind) \(message.pattern) \(message.payload) \(headers) \(message.reply ?? "-") \
            \(message.correlationID ?? "-") \(message.string(message.idRange)) \(message.attempt) \
            \(message.streamCredit ?? 0) \(message.deadline != nil)
            """
    }
}

@Suite struct PlainResponseTests {
    @Test(
        "the payload of a plain answer is found where the codec finds it",
        arguments: [
            #"{"ok":true,"payload":1}"#, #"{"ok":true,"payload":{"a":[1,"}"]}}"#, #"{"ok":true,"payload":"é\n"}"#,
        ])
    func plain(text: String) throws {
        let content = try NestCodec().response(text).content
        let place = try #require(Self.place(text))
        let payload = String(decoding: Array(text.utf8)[place], as: UTF8.self)
        #expect(content == .success(try Payload(json: payload), hasPayload: true))
    }

    @Test(
        "anything else is left to the codec",
        arguments: [
            #"{"ok":true}"#, #"{"ok":true,"payload":1,"more":true}"#, #"{"ok":true,"payload":1,"x":2}"#,
            #"{"ok":true,"payload": 1}"#, #"{"ok":true,"payload":1} "#, #"{"ok":true,"payload":1}}"#,
            #"{"ok":true,"payload":"#, #"{"ok":true,"payload":01}"#, #"{"ok":true,"payload":}"#,
            #"{"ok":false,"payload":1}"#, #"{"id":"1","ok":true,"payload":1}"#, "", "{",
        ])
    func others(text: String) { #expect(Self.place(text) == nil) }

    private static func place(_ text: String) -> Range<Int>? {
        var text = text
        return text.withUTF8 { NestCodec().payload(ofPlain: UnsafeRawBufferPointer($0)) }
    }
}
