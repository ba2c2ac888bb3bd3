import NIOCore

/// A name of our own that others answer to: `_INBOX.<id>.<number>`. One subscription takes all answers.
struct NatsInbox: Sendable {
    /// What all its subjects begin with, the last dot included.
    let prefix: [UInt8]

    init(prefix: String) {
        self.prefix = Array("\(prefix).\(UniqueName.new()).".utf8)
    }

    /// What to subscribe to.
    var wildcard: String { String(decoding: prefix, as: UTF8.self) + "*" }

    /// The number in one of its subjects.
    @inline(__always)
    func number(in subject: UnsafeRawBufferPointer) -> UInt64? { number(in: subject, from: prefix.count) }

    /// What comes to a subject, by the letter in front of its number.
    enum Kind: UInt8 {
        /// An answer, or what is said about a stream of them.
        case answer = 0
        /// `C`: what JetStream says about an event.
        case confirmation = 67
        /// `R`: the same, and its number may have been that of another event before.
        case repeatedConfirmation = 82
    }

    /// The number in a subject of its for what JetStream confirms.
    @inline(__always)
    func confirmed(in subject: UnsafeRawBufferPointer) -> (number: UInt64, kind: Kind)? {
        guard subject.count > prefix.count, let kind = Kind(rawValue: subject[prefix.count]), kind != .answer,
            let number = number(in: subject, from: prefix.count + 1)
        else { return nil }
        return (number, kind)
    }

    @inline(__always)
    private func number(in subject: UnsafeRawBufferPointer, from start: Int) -> UInt64? {
        guard subject.count > start, subject.count <= start + 20 else { return nil }
        var number: UInt64 = 0
        for byte in subject[start...] {
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
    private func write(_ number: UInt64, _ kind: Kind, to target: UnsafeMutableRawBufferPointer) {
        target.copyBytes(from: prefix)
        var start = prefix.count
        if kind != .answer {
            target[start] = kind.rawValue
            start += 1
        }
        var rest = number
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = number
        for place in (0..<digits).reversed() {
            target[start + place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        target[start + digits] = 0
    }

    /// Lends the subject of a number as C wants it.
    @inline(__always)
    func withSubject<Result>(
        _ number: UInt64, _ kind: Kind = .answer, _ body: (UnsafePointer<CChar>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: prefix.count + 22, alignment: 1) { room in
            write(number, kind, to: room)
            return body(UnsafePointer(room.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped))
        }
    }
}
