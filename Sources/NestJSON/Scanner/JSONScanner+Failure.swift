extension JSONScanner {
    /// What is wrong with the bytes, and where.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package enum Reason: UInt8, Sendable {
            case unexpectedEnd, unexpectedByte, trailingBytes, tooDeep
            case controlByte, malformedEscape, loneSurrogate, malformedUTF8, malformedNumber
        }

        package var reason: Reason
        /// Counted from the first byte of the buffer.
        package var offset: Int

        init(_ reason: Reason, _ offset: Int) {
            self.reason = reason
            self.offset = offset
        }

        package var description: String {
            let what =
                switch reason {
                case .unexpectedEnd: "the text ends too early"
                case .unexpectedByte: "unexpected byte"
                case .trailingBytes: "bytes after the value"
                case .tooDeep: "nested too deep"
                case .controlByte: "control character in a string"
                case .malformedEscape: "malformed escape"
                case .loneSurrogate: "half of a surrogate pair"
                case .malformedUTF8: "malformed UTF-8"
                case .malformedNumber: "malformed number"
                }
            return "\(what) at byte \(offset)"
        }
    }
}
