import NIOCore
import Testing

@testable import NestGRPC

@Suite struct MessageFrameTests {
    @Test func messagesComeOutOnceTheyAreWhole() {
        var whole = ByteBuffer()
        whole.writeMessage { $0.writeString("first") }
        whole.writeMessage { $0.writeString("second") }
        var bytes = ByteBuffer()
        var seen: [String] = []
        for byte in whole.readableBytesView {
            bytes.writeInteger(byte)
            while case .message(let message) = GRPCMessageFrame.next(in: &bytes, limit: 10) {
                seen.append(String(buffer: message))
            }
        }
        #expect(seen == ["first", "second"])
        #expect(bytes.readableBytes == 0)
    }

    @Test func aTooLongMessageIsKnownByItsPrefix() {
        var bytes = ByteBuffer(bytes: [0, 0xff, 0xff, 0xff, 0xff])
        #expect(GRPCMessageFrame.next(in: &bytes, limit: 100) == .tooLarge(Int(UInt32.max)))
        bytes = ByteBuffer(bytes: [0, 0, 0, 0, 101])
        #expect(GRPCMessageFrame.next(in: &bytes, limit: 100) == .tooLarge(101))
        bytes = ByteBuffer(bytes: [0, 0, 0, 0, 100])
        #expect(GRPCMessageFrame.next(in: &bytes, limit: 100) == .incomplete)
    }

    @Test func theFirstByteTellsWhetherAMessageIsCompressed() {
        var bytes = ByteBuffer(bytes: [1, 0, 0, 0, 2, 7])
        #expect(GRPCMessageFrame.next(in: &bytes, limit: 100) == .incomplete)
        bytes.writeInteger(8 as UInt8)
        #expect(GRPCMessageFrame.next(in: &bytes, limit: 100) == .compressed(ByteBuffer(bytes: [7, 8])))
        bytes = ByteBuffer(bytes: [2, 0, 0, 0, 0])
        #expect(GRPCMessageFrame.next(in: &bytes, limit: 100) == .malformed)
    }
}

@Suite struct TimeoutTests {
    private func milliseconds(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBufferPointer { GRPCTimeout.milliseconds($0) }
    }

    @Test(
        arguments: [
            ("1H", 3_600_000), ("2M", 120_000), ("3S", 3_000), ("250m", 250), ("1500u", 2), ("1n", 1), ("0S", 0),
            ("99999999m", 86_400_000), ("99999999H", 86_400_000),
        ] as [(String, Int64)])
    func unitsAreRead(_ text: String, _ expected: Int64) { #expect(milliseconds(text) == expected) }

    @Test(arguments: ["", "S", "1", "1s", "1 S", "-1S", "+1S", "123456789S", "1.5S", "99999999999999999999H"])
    func anythingElseIsNone(_ text: String) { #expect(milliseconds(text) == nil) }

    @Test func whatIsWrittenIsRead() {
        for value in [0, 1, 999, 5_000, 86_400_000] as [Int64] {
            #expect(milliseconds(GRPCTimeout.text(milliseconds: value)) == value)
        }
        #expect(GRPCTimeout.text(milliseconds: .max).utf8.count <= 9)
    }
}

@Suite struct StatusTests {
    @Test func everyStatusHasAMeaning() {
        for code in GRPCStatus.Code.allCases where code != .ok {
            #expect(GRPCStatus.meanings[code] != nil, "\(code)")
            #expect(GRPCStatus(code, "text").error.message == "text")
            #expect(!GRPCStatus(code, "").error.message.isEmpty)
        }
        #expect(GRPCStatus(.unavailable, "").error.code == .disconnected)
        #expect(GRPCStatus(.deadlineExceeded, "").error.code == .timeout)
        #expect(GRPCStatus(.resourceExhausted, "").error.code == .overloaded)
    }

    /// Servers of ours say it exactly.
    @Test func aNameBesideTheStatusWins() {
        #expect(GRPCStatus(.resourceExhausted, "", name: .tooLarge).error.code == .tooLarge)
    }

    @Test func messagesGoBothWays() {
        for text in ["", "plain", "100 %", "ü €\n", "%zz", "%4", "a\u{7f}b"] {
            #expect(PercentCoding.decode(PercentCoding.encode(text).utf8) == text)
            #expect(PercentCoding.encode(text).utf8.allSatisfy { (0x20...0x7e).contains($0) })
        }
        #expect(PercentCoding.encode("ü%") == "%C3%BC%25")
        #expect(PercentCoding.decode("%c3%BC%zz%4".utf8) == "ü%zz%4")
    }
}

@Suite struct MetadataTests {
    @Test(arguments: ["acme", "", "a b", " a", "ü", "line\nbreak", "0,1"])
    func valuesGoBothWays(_ value: String) {
        let field = GRPCMetadata.field("X-Text", value)
        #expect(field.value.utf8.allSatisfy { (0x20...0x7e).contains($0) })
        #expect(GRPCMetadata.header(field.name, field.value) == ("x-text", value))
    }

    @Test func binaryValuesAreBase64() {
        #expect(GRPCMetadata.field("trace-bin", "AAEC") == ("trace-bin", "AAEC"))
        #expect(GRPCMetadata.field("trace-bin", "AAE") == ("trace-bin", "AAE"))
        #expect(GRPCMetadata.header("trace-bin", "AAEC") == ("trace-bin", "AAEC"))
        let packed = GRPCMetadata.field("trace-bin", "not base64!")
        #expect(packed.name == "nest-header-bin")
        #expect(GRPCMetadata.header(packed.name, packed.value) == ("trace-bin", "not base64!"))
    }

    @Test(arguments: ["", "a b", "ü", "grpc-timeout", "te", "content-type", ":path", "host", "a\nb", "nest-stream"])
    func namesThatCannotTravelArePacked(_ name: String) {
        let packed = GRPCMetadata.field(name, "x")
        #expect(packed.name == "nest-header-bin")
        #expect(GRPCMetadata.header(packed.name, packed.value) == (name, "x"))
    }

    @Test(arguments: ["", "!", "YQ", "/w=="]) func whatIsNotPackedStays(_ value: String) {
        #expect(GRPCMetadata.header("nest-header-bin", value) == ("nest-header-bin", value))
    }
}
