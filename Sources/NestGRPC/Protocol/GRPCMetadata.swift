import Foundation

/// Between message headers and gRPC metadata.
///
/// Names are lower case there, and values printable ASCII; names that end in `-bin` carry bytes in base64, and a handler
/// sees their base64. A text of ours that is not printable ASCII travels in base64 too, under its name between
/// `nest-text-` and `-bin`: peers of other kinds can decode it, ours turn it back. A header whose name cannot travel, or
/// means something to gRPC itself, is packed with its name into one called `nest-header-bin`.
enum GRPCMetadata {
    private static let textPrefix = "nest-text-"
    private static let binarySuffix = "-bin"
    private static let packed = "nest-header-bin"
    private static let separator: UInt8 = 0
    /// Headers of one message.
    static let limit = 128

    /// A header as it travels.
    static func field(_ name: String, _ value: String) -> (name: String, value: String) {
        let name = name.lowercased()
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte), !isReserved(name) else { return pack(name, value) }
        if name.hasSuffix(binarySuffix) { return data(value) == nil ? pack(name, value) : (name, value) }
        if isPlain(value) { return (name, value) }
        return (textPrefix + name + binarySuffix, Data(value.utf8).base64EncodedString())
    }

    private static func pack(_ name: String, _ value: String) -> (name: String, value: String) {
        (packed, Data(Array(name.utf8) + [separator] + Array(value.utf8)).base64EncodedString())
    }

    private static func unpack(_ value: String) -> (name: String, value: String)? {
        guard let bytes = data(value), let end = bytes.firstIndex(of: separator),
            let name = String(validating: bytes[..<end], as: UTF8.self),
            let text = String(validating: bytes[bytes.index(after: end)...], as: UTF8.self)
        else { return nil }
        return (name, text)
    }

    /// A header as a handler sees it.
    static func header(_ name: String, _ value: String) -> (name: String, value: String) {
        if name == packed { return unpack(value) ?? (name, value) }
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
        default: name.hasPrefix("grpc-") || name.hasPrefix("nest-") || name.hasPrefix(":")
        }
    }

    /// HTTP/2 takes no space at the ends of a value.
    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7e).contains($0) } && value.utf8.first != 0x20 && value.utf8.last != 0x20
    }

    /// Padding may be left out.
    private static func data(_ value: String) -> Data? {
        let missing = (4 - value.utf8.count % 4) % 4
        return Data(base64Encoded: value + String(repeating: "=", count: missing))
    }
}
