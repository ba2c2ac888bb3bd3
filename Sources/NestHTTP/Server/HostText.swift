/// A `Host` field's text: a name or an address, and perhaps a port.
enum HostText {
    static func isValid(_ text: String) -> Bool {
        var (isInPort, isLiteral, isAfterLiteral) = (false, false, false)
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "[") where index == 0: isLiteral = true
            case UInt8(ascii: "]") where isLiteral: (isLiteral, isAfterLiteral) = (false, true)
            case UInt8(ascii: ":") where isLiteral: break
            case UInt8(ascii: ":") where !isInPort: (isInPort, isAfterLiteral) = (true, false)
            case _ where isAfterLiteral: return false
            case 0x30...0x39: break
            case _ where isInPort || !isPartOfName(byte): return false
            default: break
            }
        }
        return !isLiteral
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A: true
        default: "-._~%!$&'()*+;=".utf8.contains(byte)
        }
    }
}
