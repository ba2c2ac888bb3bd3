import Foundation

/// Between message headers and gRPC metadata.
///
/// Names are lower case there, and values printable ASCII; names that end in `-bin` carry bytes in base64, and a handler
/// sees their base64. A text of ours that is not printable ASCII travels in base64 too, under its name between
/// `nest-text-` and `-bin`: peers of other kinds can decode it, ours turn it back.
enum GRPCMetadata {
    private static let textPrefix = "nest-text-"
    private static let binarySuffix = "-bin"
    /// Headers of one message.
    static let limit = 128

    /// A header as it travels; nil for a name that cannot, or that HTTP/2 and gRPC use themselves.
    static func field(_ name: String, _ value: String) -> (name: String, value: String)? {
        let name = name.lowercased()
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte), !isReserved(name) else { return nil }
        if name.hasSuffix(binarySuffix) { return isBase64(value) ? (name, value) : nil }
        if isPlain(value) { return (name, value) }
        return (textPrefix + name + binarySuffix, Data(value.utf8).base64EncodedString())
    }

    /// A header as a handler sees it.
    static func header(_ name: String, _ value: String) -> (name: String, value: String) {
        guard name.hasPrefix(textPrefix), name.hasSuffix(binarySuffix),
            name.utf8.count > textPrefix.utf8.count + binarySuffix.utf8.count,
            let bytes = data(value), let text = String(validating: bytes, as: UTF8.self)
        else { return (name, value) }
        return (String(name.dropFirst(textPrefix.count).dropLast(binarySuffix.count)), text)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func isReserved(_ name: String) -> Bool {
        switch name {
        case "te", "content-type", "content-length", "user-agent", "connection", "host", "keep-alive",
            "proxy-connection", "transfer-encoding", "upgrade", "accept-encoding":
            true
        default: name.hasPrefix("grpc-")
        }
    }

    /// HTTP/2 takes no space at the ends of a value.
    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7e).contains($0) } && value.utf8.first != 0x20 && value.utf8.last != 0x20
    }

    private static func isBase64(_ value: String) -> Bool { data(value) != nil }

    /// Padding may be left out.
    private static func data(_ value: String) -> Data? {
        let missing = (4 - value.utf8.count % 4) % 4
        return Data(base64Encoded: value + String(repeating: "=", count: missing))
    }
}
