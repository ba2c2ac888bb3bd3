import NIOCore
import Testing

@testable import NestGRPC

@Suite struct GzipTests {
    /// Made elsewhere: `gzip.compress(b"hello hello hello hello", mtime=0)`.
    private static let hello: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 39, 1, 227, 81, 61, 141, 23, 0, 0, 0,
    ]

    private let gzip = Gzip()

    private func inflated(_ bytes: [UInt8], limit: Int = 1 << 20) -> Result<String, Gzip.Failure> {
        do throws(Gzip.Failure) {
            return .success(String(buffer: try gzip.inflated(ByteBuffer(bytes: bytes), limit: limit)))
        } catch {
            return .failure(error)
        }
    }

    private func deflated(_ text: String) -> [UInt8] {
        Array(text.utf8).withUnsafeBytes { gzip.deflated($0) }.map { Array($0.readableBytesView) } ?? []
    }

    @Test func whatOthersCompressIsRead() { #expect(inflated(Self.hello) == .success("hello hello hello hello")) }

    @Test(arguments: [2_000, 100_000, 3_000_000]) func whatIsCompressedIsRead(_ size: Int) {
        let text = String((0..<size / 10).map { "\($0 % 97)-words " }.joined().prefix(size))
        for _ in 0..<3 {
            let bytes = deflated(text)
            #expect(bytes.count < text.utf8.count / 2)
            #expect(inflated(bytes, limit: 4 << 20) == .success(text))
        }
    }

    @Test func whatWouldBecomeLongerStaysAsItIs() {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(noise.withUnsafeBytes { gzip.deflated($0) } == nil)
        #expect(deflated("") == [])
        #expect(deflated("x") == [])
    }

    /// Every one of them, and the next that is whole is read all the same.
    @Test func whatIsNotWholeIsRefused() {
        for length in Self.hello.indices {
            #expect(inflated(Array(Self.hello[..<length])) == .failure(.malformed), "\(length)")
        }
        #expect(inflated(Self.hello + [0]) == .failure(.malformed))
        #expect(inflated(Self.hello + Self.hello) == .failure(.malformed))
        #expect(inflated(Self.hello) == .success("hello hello hello hello"))
    }

    /// The header's time and system may be anything; the rest is checked, by zlib's sums at the latest.
    @Test func whatIsCorruptIsRefused() {
        for index in Self.hello.indices where !(4...9).contains(index) {
            var bytes = Self.hello
            bytes[index] ^= 0x55
            #expect(inflated(bytes) == .failure(.malformed), "\(index)")
        }
        #expect(inflated(Array("this is no gzip at all".utf8)) == .failure(.malformed))
    }

    @Test func theLimitHoldsForWhatComesOut() {
        let bytes = deflated(String(repeating: "x", count: 10_000))
        #expect(inflated(bytes, limit: 10_000) == .success(String(repeating: "x", count: 10_000)))
        #expect(inflated(bytes, limit: 9_999) == .failure(.tooLarge))
        #expect(inflated(bytes, limit: 0) == .failure(.tooLarge))
    }

    /// 64 MiB in 64 KiB: it is given up at the limit.
    @Test func aBombIsGivenUp() {
        let bomb = deflated(String(repeating: "\0", count: 64 << 20))
        #expect(bomb.count < 100_000)
        let start = ContinuousClock.now
        for _ in 0..<50 { #expect(inflated(bomb, limit: 64 << 10) == .failure(.tooLarge)) }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(arguments: [
        ("gzip", true), ("identity,gzip", true), ("identity, deflate, gzip", true), (" gzip ,br", true), ("", false),
        ("identity", false), ("gzipped", false), ("x-gzip", false), ("gz,ip", false),
    ])
    func listsOfEncodingsAreRead(_ list: String, _ hasGzip: Bool) {
        #expect(Array(list.utf8).withUnsafeBufferPointer { MessageEncoding.listsGzip($0) } == hasGzip)
    }
}
