import Foundation
import NIOCore
import Testing

@testable import NestRedis

/// The codec on hiredis. `Scripts/hiredis12.sh` runs these against another version of it.
@Suite struct RedisReaderTests {
    private let wire =
        "+OK\r\n:-42\r\n$5\r\nh\r\nlo\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n-ERR no\r\n"
        + "*2\r\n*1\r\n*2\r\n$1\r\na\r\n*2\r\n$1\r\nm\r\n$2\r\n\u{e4}\r\n:9223372036854775807\r\n"

    /// A reply with everything in it, written out.
    private func text(_ reply: RedisReply) -> String {
        switch reply.head.kind {
        case .null: "null"
        case .integer: "\(reply.integer ?? 0)"
        case .text: "\"\(reply.text ?? "?")\""
        case .error: "!\(reply.text ?? "?")"
        case .array: "[\(reply.elements.map(text).joined(separator: " "))]"
        }
    }

    private let expected = [
        #""OK""#, "-42", "\"h\r\nlo\"", #""""#, "null", "null", "[]", "!ERR no",
        #"[[["a" ["m" "ä"]]] 9223372036854775807]"#,
    ]

    private func reader(limit: Int = 1 << 20) throws -> RedisReader { try #require(RedisReader(limit: limit)) }

    @Test func aBurst() throws {
        #expect(try reader().feed(ByteBuffer(string: wire)).map(text) == expected)
    }

    /// Wherever a read ends, the replies are the same.
    @Test func everyCut() throws {
        let bytes = Array(wire.utf8)
        for cut in 0...bytes.count {
            let reader = try reader()
            let first = Array(try reader.feed(ByteBuffer(bytes: bytes[..<cut])))
            let second = try reader.feed(ByteBuffer(bytes: bytes[cut...]))
            #expect((first + second).map(text) == expected, "cut at \(cut)")
        }
        let reader = try reader()
        let single = try bytes.flatMap { try reader.feed(ByteBuffer(bytes: [$0])) }
        #expect(single.map(text) == expected)
    }

    /// Replies of a burst share its bytes, and keep them when the reader has gone on, and has gone.
    @Test func repliesOutliveTheReader() throws {
        var kept: [RedisReply] = []
        do {
            let reader = try reader()
            for number in 0..<100 {
                kept += try reader.feed(ByteBuffer(string: "$4\r\n\(1_000 + number)\r\n$3\r\nab"))
                kept += try reader.feed(ByteBuffer(string: "c\r\n"))
            }
        }
        #expect(kept.map(text) == (0..<100).flatMap { ["\"\(1_000 + $0)\"", "\"abc\""] })
    }

    /// What nobody has kept is written over by later reads; what somebody has kept is not, whether reads end with a reply
    /// or within one.
    @Test(arguments: ["", "$2\r\nx"])
    func keptRepliesStayAsTheyAre(begun: String) throws {
        let reader = try reader()
        var kept: [RedisReply] = []
        for number in 0..<100 {
            let whole = "*2\r\n$3\r\n\(100 + number)\r\n:\(number)\r\n"
            for reply in try reader.feed(ByteBuffer(string: whole + begun)) where number % 3 == 0 { kept.append(reply) }
            guard !begun.isEmpty else { continue }
            #expect(try reader.feed(ByteBuffer(string: "y\r\n")).map(text) == ["\"xy\""])
        }
        #expect(kept.map(text) == stride(from: 0, to: 100, by: 3).map { "[\"\(100 + $0)\" \($0)]" })
    }

    @Test func largeTexts() throws {
        let large = String(repeating: "0123456789abcdef", count: 40_000)
        let bytes = Array("*2\r\n$1\r\nm\r\n$\(large.utf8.count)\r\n\(large)\r\n+OK\r\n".utf8)
        for step in [1_000, 8_192, 100_003, bytes.count] {
            let reader = try reader()
            var replies: [RedisReply] = []
            for start in stride(from: 0, to: bytes.count, by: step) {
                replies += try reader.feed(ByteBuffer(bytes: bytes[start..<min(start + step, bytes.count)]))
            }
            #expect(replies.count == 2)
            #expect(replies.first?.texts == ["m", large])
        }
    }

    @Test func tooLarge() throws {
        let reader = try reader(limit: 100_000)
        #expect(throws: TransportError.self) {
            _ = try reader.feed(ByteBuffer(string: "$1000000\r\n" + String(repeating: "x", count: 200_000)))
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n", "\u{15}\u{3}\u{1}\0\u{2}", "$x\r\n", ":\r\n", "*1\r\n?"])
    func whatIsNoRESP(_ text: String) throws {
        let reader = try reader()
        do throws(TransportError) {
            _ = try reader.feed(ByteBuffer(string: text))
            Issue.record("it was understood")
        } catch {
            #expect(error.code == .disconnected)
        }
    }

    /// Headers and library are of one version, and of the one that is expected: before 1.0 hiredis gives up on arrays in
    /// arrays below the ninth.
    @Test func theVersion() throws {
        if let expected = ProcessInfo.processInfo.environment["NEST_HIREDIS"] {
            #expect(RedisReader.version == expected)
        }
        let reader = try reader()
        let deep = ByteBuffer(string: String(repeating: "*1\r\n", count: 20) + ":1\r\n")
        guard RedisReader.version.hasPrefix("0.") else {
            #expect(
                try reader.feed(deep).map(text) == [
                    String(repeating: "[", count: 20) + "1" + String(repeating: "]", count: 20)
                ])
            return
        }
        #expect(throws: TransportError.self) { try reader.feed(deep) }
    }

    /// A command is an array of texts: what reads replies reads it back.
    @Test func commandsAreWhatTheySay() throws {
        var bytes = ByteBuffer()
        bytes.writeCommand(["SET", "", "ä\r\n", "*"])
        let numbers: [Int64] = [0, 9, 10, -1, 1_000, .max, .min]
        bytes.beginCommand(numbers.count + 2)
        bytes.writeArgument("XADD")
        for number in numbers { bytes.writeArgument(number) }
        bytes.writeArgument(ByteBuffer(bytes: [0, 255]))
        let replies = Array(try reader().feed(bytes))
        #expect(replies[0].texts == ["SET", "", "ä\r\n", "*"])
        #expect(replies[1].texts.dropLast() == ["XADD"] + numbers.map(String.init))
    }

    @Test func errors() {
        #expect(RedisError("WRONGPASS no").code == "WRONGPASS")
        #expect(RedisError("Err no").code == "ERR")
        #expect(TransportError(redis: RedisError("NOAUTH x"), "a").code == .unauthenticated)
        #expect(TransportError(redis: RedisError("NOPERM x"), "a").code == .forbidden)
        #expect(TransportError(redis: RedisError("READONLY x"), "a").code == .disconnected)
    }
}
