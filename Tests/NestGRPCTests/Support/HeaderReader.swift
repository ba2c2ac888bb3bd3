import CNghttp2

/// Reads header lists, one after another, as they come on a connection.
final class HeaderReader {
    private var inflater: OpaquePointer?

    init() { nghttp2_hd_inflate_new(&inflater) }

    deinit { nghttp2_hd_inflate_del(inflater) }

    /// The fields of a block; those behind a mistake are left out.
    func fields(_ block: [UInt8]) -> [String: String] {
        var fields: [String: String] = [:]
        var at = 0
        while true {
            var field = nghttp2_nv()
            var flags: Int32 = 0
            let count = block.withUnsafeBufferPointer {
                nghttp2_hd_inflate_hd2(inflater, &field, &flags, $0.baseAddress.map { $0 + at }, $0.count - at, 1)
            }
            guard count >= 0 else { return fields }
            at += count
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                fields[Self.text(field.name, field.namelen)] = Self.text(field.value, field.valuelen)
            }
            if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                nghttp2_hd_inflate_end_headers(inflater)
                return fields
            }
        }
    }

    private static func text(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
