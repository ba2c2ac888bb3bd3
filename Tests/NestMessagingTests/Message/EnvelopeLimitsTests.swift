import NIOCore
import Testing

@testable import NestMessaging

/// What a peer may write is bounded, and what it writes is read as it is meant.
@Suite struct EnvelopeLimitsTests {
    private let codec = NestCodec()

    private func headers(_ members: some Sequence<String>) -> String {
        #"{"id":"1","kind":"send","pattern":"p","payload":1,"headers":{"# + members.joined(separator: ",") + "}}"
    }

    private func reason(_ text: String) -> String? {
        do {
            _ = try codec.request(text)
            return nil
        } catch {
            return (error as? EnvelopeError)?.reason
        }
    }

    @Test func theNumberOfHeadersIsBounded() throws {
        let message = try codec.message(headers((0..<128).map { #""h\#($0)":"v""# }))
        #expect(message.headers.count == 128 && message.headers["h127"] == "v")
        #expect(reason(headers((0..<129).map { #""h\#($0)":"v""# })) == "too many headers")
        #expect(reason(headers((0..<100_000).map { "\"\($0)\":\"\"" })) == "headers are too large")
    }

    @Test func theSizeOfTheHeadersIsBounded() throws {
        func sized(_ bytes: Int) -> String {
            headers([#""h":""# + String(repeating: "x", count: bytes - #"{"h":""}"#.utf8.count) + "\""])
        }
        #expect(try codec.message(sized(64 << 10)).headers.count == 1)
        #expect(reason(sized(64 << 10 + 1)) == "headers are too large")
    }

    @Test func theLengthOfAPatternIsBounded() throws {
        func request(_ pattern: String) -> String { #"{"kind":"send","pattern":""# + pattern + #"","payload":1}"# }
        let longest = String(repeating: "p", count: 512)
        #expect(try codec.message(request(longest)).pattern == longest)
        #expect(reason(request(longest + "p")) == "pattern is too long")
        #expect(try codec.message(request(longest.dropLast() + #"\u0070"#)).pattern == longest)
        #expect(reason(request(longest + #"\u0070"#)) == "pattern is too long")
        #expect(reason(request(String(repeating: #"\u0070"#, count: 100_000))) == "pattern is too long")
    }

    @Test func headersAreFoundInAnyCase() throws {
        let message = try codec.message(
            headers([#""Nest-Timeout-MS":"1500""#, #""NEST-STREAM":"8""#, #""nest-Attempt":"3""#]))
        #expect(message.deadline != nil && message.streamCredit == 8 && message.attempt == 3)
    }

    @Test func numbersInHeadersAreBounded() throws {
        let huge = "999999999999999999"
        var carried = IncomingMessage.send("p")
        carried.adopt(["nest-stream": "\(Int.max)", "nest-attempt": "\(Int.max)", "nest-timeout-ms": "\(Int64.max)"])
        let written = try codec.message(headers([#""nest-stream":"\#(huge)""#, #""nest-attempt":"\#(huge)""#]))
        for message in [carried, written] {
            #expect(message.streamCredit == 1 << 30 && message.attempt == 1_000_000)
        }
        let deadline = try #require(carried.deadline)
        #expect(deadline <= .now() + .hours(24))
    }

    @Test(arguments: ["12345", "[1234]", "null", "{}", "-1", #""""#, #""-1""#])
    func anIDThatIsNoQuotedNumberIsNoneOfOurs(id: String) throws {
        #expect(try codec.response(#"{"ok":true,"id":"# + id + "}").id == nil)
    }

    /// A pattern with escapes costs a copy of its own message, not of all that was read with it.
    @Test func resolvingAPatternCopiesItsOwnMessageOnly() throws {
        let text =
            #"{"id":"9","kind":"send","pattern":"p\u0041","payload":[7],"headers":{"a":"b"},"reply":"r","correlation_id":"c"}"#
        let before = String(repeating: " ", count: 100_000)
        let frame = ByteBuffer(string: before + text + before)
        let range = ByteRange(before.utf8.count, before.utf8.count + text.utf8.count)
        guard case .message(let message) = try codec.readRequest(frame, in: range) else {
            Issue.record("no message")
            return
        }
        #expect(message.frame.readableBytes == text.utf8.count + 2)
        #expect(message.pattern == "pA" && "\(message.payload)" == "[7]" && message.headers == ["a": "b"])
        #expect(message.string(message.idRange) == "\"9\"" && message.reply == "r" && message.correlationID == "c")
        let bare = try codec.message(#" {"kind":"send","pattern":"\u0041","payload":1}"#)
        #expect(bare.idRange == .none && bare.reply == nil && bare.headers.isEmpty && bare.pattern == "A")
    }
}
