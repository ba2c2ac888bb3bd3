extension JSONScanner {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The bytes of `word` that do not stand for themselves in a string: quotes, backslashes, control characters and
    /// all that is not ASCII. Only the lowest bit that is set is exact; a borrow may set others above it.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5c5c_5c5c_5c5c_5c5c
        let found = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- 0x20 &* ones) & ~word | word
        return found & highs
    }

    @inline(__always)
    static func word(_ bytes: Bytes, _ at: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self))
    }

    /// Skips bytes that stand for themselves, up to eight at a time.
    @inline(__always)
    private static func plain(_ bytes: Bytes, _ count: Int, _ start: Int) -> Int {
        var at = start
        while at &+ 8 <= count {
            let found = special(word(bytes, at))
            if found != 0 { return at &+ found.trailingZeroBitCount >> 3 }
            at &+= 8
        }
        return at
    }

    /// `start` is behind the opening quote; returns the offset behind the closing one.
    @inline(__always)
    static func string(_ bytes: Bytes, _ count: Int, _ start: Int, escaped: inout Bool) throws(Failure) -> Int {
        let at = plain(bytes, count, start)
        if at < count, bytes[at] == UInt8(ascii: "\"") { return at &+ 1 }
        return try stringRest(bytes, count, at, escaped: &escaped)
    }

    /// The rest of a string that has more in it than plain ASCII, or ends near the end of the buffer.
    @inline(never)
    private static func stringRest(
        _ bytes: Bytes, _ count: Int, _ start: Int, escaped: inout Bool
    ) throws(Failure) -> Int {
        var at = start
        while at < count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { return at &+ 1 }
            if byte == UInt8(ascii: "\\") {
                escaped = true
                at = plain(bytes, count, try escape(bytes, count, at))
            } else if byte >= 0x80 {
                at = try multibyte(bytes, count, at)
            } else if byte >= 0x20 {
                at = plain(bytes, count, at &+ 1)
            } else {
                throw Failure(.controlByte, at)
            }
        }
        throw Failure(.unexpectedEnd, count)
    }

    /// One escape, from its backslash on; a surrogate pair counts as one.
    private static func escape(_ bytes: Bytes, _ count: Int, _ start: Int) throws(Failure) -> Int {
        guard start &+ 1 < count else { throw Failure(.unexpectedEnd, count) }
        switch bytes[start &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        case UInt8(ascii: "u"):
            let unit = try codeUnit(bytes, count, start)
            guard unit & 0xf800 == 0xd800 else { return start &+ 6 }
            guard unit < 0xdc00 else { throw Failure(.loneSurrogate, start) }
            return try lowSurrogate(bytes, count, start &+ 6)
        default: throw Failure(.malformedEscape, start)
        }
    }

    private static func lowSurrogate(_ bytes: Bytes, _ count: Int, _ start: Int) throws(Failure) -> Int {
        guard start &+ 1 < count else { throw Failure(.unexpectedEnd, count) }
        guard bytes[start] == UInt8(ascii: "\\"), bytes[start &+ 1] == UInt8(ascii: "u"),
            try codeUnit(bytes, count, start) & 0xfc00 == 0xdc00
        else { throw Failure(.loneSurrogate, start) }
        return start &+ 6
    }

    /// The four hexadecimal digits of the `\u` at `start`.
    static func codeUnit(_ bytes: Bytes, _ count: Int, _ start: Int) throws(Failure) -> UInt32 {
        guard start &+ 6 <= count else { throw Failure(.unexpectedEnd, count) }
        var unit: UInt32 = 0
        for index in start &+ 2..<start &+ 6 {
            guard let digit = hexDigit(bytes[index]) else { throw Failure(.malformedEscape, start) }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    /// One character of two to four bytes, as the Unicode standard's table of well-formed sequences has it.
    private static func multibyte(_ bytes: Bytes, _ count: Int, _ at: Int) throws(Failure) -> Int {
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch bytes[at] {
            case 0xc2...0xdf: (2, 0x80...0xbf)
            case 0xe0: (3, 0xa0...0xbf)
            case 0xed: (3, 0x80...0x9f)
            case 0xe1...0xef: (3, 0x80...0xbf)
            case 0xf0: (4, 0x90...0xbf)
            case 0xf1...0xf3: (4, 0x80...0xbf)
            case 0xf4: (4, 0x80...0x8f)
            default: throw Failure(.malformedUTF8, at)
            }
        guard at &+ length <= count else { throw Failure(.malformedUTF8, at) }
        guard second.contains(bytes[at &+ 1]) else { throw Failure(.malformedUTF8, at) }
        if length > 2, bytes[at &+ 2] & 0xc0 != 0x80 { throw Failure(.malformedUTF8, at) }
        if length > 3, bytes[at &+ 3] & 0xc0 != 0x80 { throw Failure(.malformedUTF8, at) }
        return at &+ length
    }
}
