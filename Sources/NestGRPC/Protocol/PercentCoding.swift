/// How `grpc-message` is written: printable ASCII as it is, everything else as `%` and two hexadecimal digits.
enum PercentCoding {
    private static let percent = UInt8(ascii: "%")

    static func encode(_ text: String) -> String {
        guard !text.utf8.allSatisfy(isPlain) else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isPlain(byte) { bytes.append(byte) } else { bytes += [percent, digit(byte >> 4), digit(byte & 15)] }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is no escape stays as it is: a message that cannot be read is better than none.
    static func decode(_ text: some Collection<UInt8>) -> String {
        guard text.contains(percent) else { return String(decoding: text, as: UTF8.self) }
        let source = Array(text)
        var bytes: [UInt8] = []
        var at = 0
        while at < source.count {
            if source[at] == percent, at + 2 < source.count, let high = value(source[at + 1]),
                let low = value(source[at + 2])
            {
                bytes.append(high << 4 | low)
                at += 3
            } else {
                bytes.append(source[at])
                at += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) && byte != percent }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
