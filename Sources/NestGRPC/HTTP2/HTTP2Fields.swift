import CNghttp2

/// A list of header fields to be sent.
struct HTTP2Fields {
    private struct Mark {
        var start: Int
        var nameLength: Int
        var valueLength: Int
        var flags: UInt8
    }

    private var bytes: [UInt8] = []
    private var marks: [Mark] = []

    init() {}

    /// `isIndexed`: false for what is different every time, and would only push others out of the peer's table.
    mutating func add(_ name: String, _ value: String, isIndexed: Bool = true) {
        let flags = isIndexed ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX
        marks.append(
            Mark(
                start: bytes.count, nameLength: name.utf8.count, valueLength: value.utf8.count,
                flags: UInt8(flags.rawValue)))
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: value.utf8)
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
    }

    /// Lends the list for the time of a call; nghttp2 copies what it keeps.
    @inline(__always)
    func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: marks.count) { fields in
                let base = UnsafeMutablePointer(mutating: bytes.baseAddress)
                for (index, mark) in marks.enumerated() {
                    fields.initializeElement(
                        at: index,
                        to: nghttp2_nv(
                            name: base.map { $0 + mark.start }, value: base.map { $0 + mark.start + mark.nameLength },
                            namelen: mark.nameLength, valuelen: mark.valueLength, flags: mark.flags))
                }
                return body(fields.baseAddress, marks.count)
            }
        }
    }
}

extension HTTP2Fields {
    /// The trailers of a call.
    init(_ status: GRPCStatus) {
        add(status)
    }

    mutating func add(_ status: GRPCStatus) {
        add("grpc-status", String(status.code.rawValue))
        if !status.message.isEmpty {
            add("grpc-message", PercentCoding.encode(Self.shortened(status.message)), isIndexed: false)
        }
        if let name = status.name { add("nest-error-code", PercentCoding.encode(name)) }
    }

    /// Header lists have limits on the other side too.
    private static func shortened(_ text: String) -> String {
        text.utf8.count <= 1_024 ? text : String(text.prefix(256)) + "…"
    }
}
