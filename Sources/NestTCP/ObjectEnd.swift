import NIOCore

/// Finds where a JSON object ends in bytes that come in pieces. No byte is looked at twice.
///
/// Revision 1 servers send an answer and its newline in two packets, and the second may be held back until the first is
/// acknowledged: an answer is complete when its object is.
struct ObjectEnd {
    private var scanned = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// The offset behind the object that begins at `range`, if it is all there. Call again with more bytes at its end.
    mutating func find(in bytes: ByteBuffer, _ range: ByteRange) -> Int? {
        bytes.withVeryUnsafeBytes { storage in
            let bytes = UnsafeRawBufferPointer(rebasing: storage[range.start..<range.end])
            // The usual piece of a large answer ends somewhere in its middle: nothing to do then.
            guard bytes.last == UInt8(ascii: "}") else { return nil }
            while scanned < bytes.count {
                let byte = bytes[scanned]
                scanned += 1
                if isEnd(byte) { return scanned }
            }
            return nil
        }
    }

    /// Another object begins.
    mutating func reset() { self = ObjectEnd() }

    @inline(__always)
    private mutating func isEnd(_ byte: UInt8) -> Bool {
        if isInString {
            string(byte)
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            return depth == 0
        default: break
        }
        return false
    }

    @inline(__always)
    private mutating func string(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        }
    }
}
