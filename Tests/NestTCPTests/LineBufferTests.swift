import NIOCore
import Testing

@testable import NestTCP

@Suite("Line buffer") struct LineBufferTests {
    private func lines(_ pieces: [String], limit: Int = 1_024) -> [String] {
        var buffer = LineBuffer(limit: limit)
        var found: [String] = []
        for piece in pieces {
            var bytes = ByteBuffer(string: piece)
            buffer.append(&bytes)
            while case .line(let range) = buffer.next() { found.append(text(range, buffer)) }
            buffer.compact()
        }
        return found
    }

    private func text(_ range: ByteRange, _ buffer: LineBuffer) -> String {
        buffer.bytes.getString(at: range.start, length: Int(range.length)) ?? ""
    }

    @Test("gives the same lines wherever the bytes are split", arguments: 0...16)
    func splitAnywhere(at position: Int) {
        let all = "one\r\ntwo\n\nthree\n"
        let index = all.utf8.index(all.startIndex, offsetBy: min(position, all.utf8.count))
        #expect(
            lines([String(all.utf8.prefix(upTo: index))!, String(all.utf8.suffix(from: index))!])
                == ["one", "two", "", "three"])
    }

    @Test("takes a carriage return that comes alone before its newline")
    func splitLineEnd() { #expect(lines(["one\r", "\n", "two\r\n"]) == ["one", "two"]) }

    @Test("collects a line from single bytes")
    func singleBytes() { #expect(lines("hello\nworld\n".map(String.init)) == ["hello", "world"]) }

    @Test("refuses a line over the limit, whole or begun")
    func limit() {
        var buffer = LineBuffer(limit: 4)
        var bytes = ByteBuffer(string: "1234\n")
        buffer.append(&bytes)
        guard case .line = buffer.next() else { return #expect(Bool(false), "a line of the limit's length is a line") }
        bytes = ByteBuffer(string: "12345\n")
        buffer.append(&bytes)
        guard case .tooLong = buffer.next() else { return #expect(Bool(false), "a line over the limit is none") }
        buffer = LineBuffer(limit: 4)
        bytes = ByteBuffer(string: "12345")
        buffer.append(&bytes)
        guard case .tooLong = buffer.next() else { return #expect(Bool(false), "a begun line over the limit is none") }
    }

    @Test("keeps lines that were handed out when more comes")
    func handedOutLinesStay() {
        var buffer = LineBuffer(limit: 1_024)
        var bytes = ByteBuffer(string: "first\nsec")
        buffer.append(&bytes)
        guard case .line(let range) = buffer.next() else { return #expect(Bool(false), "the first line is there") }
        let frame = buffer.bytes
        bytes = ByteBuffer(string: "ond\n")
        buffer.append(&bytes)
        guard case .line(let second) = buffer.next() else { return #expect(Bool(false), "the second line is there") }
        #expect(frame.getString(at: range.start, length: Int(range.length)) == "first")
        #expect(text(second, buffer) == "second")
    }

    @Test("hands out what is left when no more comes, and lets go of its memory")
    func rest() {
        var buffer = LineBuffer(limit: 1_024)
        var bytes = ByteBuffer(string: "last")
        buffer.append(&bytes)
        #expect(buffer.partialBytes == 4)
        let range = buffer.rest()
        #expect(range.map { text($0, buffer) } == "last")
        #expect(buffer.rest() == nil)
        buffer.compact()
        #expect(buffer.bytes.capacity == 0)
    }
}
