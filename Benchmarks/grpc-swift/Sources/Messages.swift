import GRPCCore

/// `SendRequest`: written by hand as ours is, so that SwiftProtobuf's cost is not in the comparison.
struct SendRequest: Sendable {
    var pattern = ""
    var payload: [UInt8] = []

    struct Deserializer: MessageDeserializer {
        func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> SendRequest {
            try bytes.withUnsafeBytes { try SendRequest(reading: $0) }
        }
    }

    private init(reading bytes: UnsafeRawBufferPointer) throws {
        var at = 0
        while at < bytes.count {
            let tag = bytes[at]
            at += 1
            guard tag & 7 == 2 else { throw Self.malformed }
            let field = UnsafeRawBufferPointer(rebasing: bytes[try Self.range(bytes, &at)])
            if tag >> 3 == 1 { pattern = String(decoding: field, as: UTF8.self) }
            if tag >> 3 == 2 { payload = Array(field) }
        }
    }

    /// A field's bytes: a varint with their count stands before them.
    private static func range(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) throws -> Range<Int> {
        var (length, shift) = (0, 0)
        repeat {
            guard at < bytes.count, shift < 35 else { throw malformed }
            length |= Int(bytes[at] & 0x7f) << shift
            shift += 7
            at += 1
        } while bytes[at - 1] >= 0x80
        guard length <= bytes.count - at else { throw malformed }
        defer { at += length }
        return at..<at + length
    }

    private static var malformed: RPCError { RPCError(code: .invalidArgument, message: "no SendRequest") }
}

/// `SendResponse{ok: true, payload_json}`.
struct SendResponse: Sendable {
    let payload: [UInt8]

    struct Serializer: MessageSerializer {
        func serialize<Bytes: GRPCContiguousBytes>(_ response: SendResponse) throws -> Bytes {
            var bytes: [UInt8] = [0x08, 1, 0x12]
            bytes.reserveCapacity(response.payload.count + 8)
            var rest = response.payload.count
            while rest >= 0x80 {
                bytes.append(UInt8(rest & 0x7f) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
            bytes += response.payload
            return Bytes(bytes)
        }
    }
}
