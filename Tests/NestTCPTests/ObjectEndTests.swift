import NIOCore
import Testing

@testable import NestTCP

@Suite("Object end") struct ObjectEndTests {
    private let object = #"{"a":{"b":["}",{"c":"\"}"}]},"d":"\\"}"#

    @Test("finds the end wherever the bytes are split")
    func splitAnywhere() {
        for position in 1..<object.utf8.count {
            var end = ObjectEnd()
            var bytes = ByteBuffer(string: String(object.prefix(position)))
            #expect(end.find(in: bytes, ByteRange(0, bytes.writerIndex)) == nil)
            bytes.writeString(String(object.dropFirst(position)))
            #expect(end.find(in: bytes, ByteRange(0, bytes.writerIndex)) == object.utf8.count)
        }
    }

    @Test("does not look beyond the first object, and starts over")
    func startsOver() {
        var end = ObjectEnd()
        let bytes = ByteBuffer(string: "{}{}")
        #expect(end.find(in: bytes, ByteRange(0, 4)) == 2)
        end.reset()
        #expect(end.find(in: bytes, ByteRange(2, 4)) == 2)
    }
}
