import HummingbirdCore

extension HummingbirdRequest {
    /// The path as it was asked for, without the query.
    var path: Substring {
        let target = head.path ?? "/"
        let utf8 = target.utf8
        guard let end = utf8.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) else {
            return target[...]
        }
        return target[..<end]
    }

    /// What stands behind the question mark; nil when there is none.
    var query: Substring? {
        guard let target = head.path, let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let rest = target[target.utf8.index(after: mark)...]
        return rest.utf8.firstIndex(of: UInt8(ascii: "#")).map { rest[..<$0] } ?? rest
    }
}
