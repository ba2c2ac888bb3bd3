import NIOCore

/// A name of our own that others answer to: `_INBOX.<id>.<number>`. One subscription takes all answers.
struct NatsInbox: Sendable {
    /// What all its subjects begin with, the last dot included.
    let prefix: [UInt8]

    init(prefix: String) {
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        let id = String((0..<22).map { _ in letters[Int.random(in: letters.indices)] })
        self.prefix = Array("\(prefix).\(id).".utf8)
    }

    /// What to subscribe to.
    var wildcard: String { String(decoding: prefix, as: UTF8.self) + "*" }

    /// The number in one of its subjects.
    @inline(__always)
    func number(in subject: UnsafeRawBufferPointer) -> UInt64? {
        guard subject.count > prefix.count, subject.count <= prefix.count + 20 else { return nil }
        var number: UInt64 = 0
        for byte in subject[prefix.count...] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }

    /// Writes the subject of a number, with the zero that C wants at its end, where there is room for it.
    @inline(__always)
    func write(_ number: UInt64, to target: UnsafeMutableRawBufferPointer) {
        target.copyBytes(from: prefix)
        var rest = number
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = number
        for place in (0..<digits).reversed() {
            target[prefix.count + place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        target[prefix.count + digits] = 0
    }

    /// Bytes that ``write(_:to:)`` needs.
    var size: Int { prefix.count + 21 }

    /// Lends the subject of a number as C wants it.
    @inline(__always)
    func withSubject<Result>(_ number: UInt64, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { room in
            write(number, to: room)
            return body(UnsafePointer(room.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped))
        }
    }
}
