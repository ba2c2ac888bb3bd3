#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension JSONDocument {
    /// Reads the types of Foundation whose JSON is not what their `Codable` says; nil for all others.
    func foundation<Value: Decodable>(_ type: Value.Type, _ node: Int) throws -> Value? {
        if Value.self == Date.self, codec.dates != .deferredToDate { return try date(node) as? Value }
        if Value.self == Data.self, codec.data == .base64 { return try data(node) as? Value }
        if Value.self == URL.self { return try url(node) as? Value }
        if Value.self == Decimal.self { return try decimal(node) as? Value }
        return nil
    }

    private func date(_ node: Int) throws -> Date {
        switch codec.dates {
        case .deferredToDate: return Date(timeIntervalSinceReferenceDate: try double(node))
        case .secondsSince1970: return Date(timeIntervalSince1970: try double(node))
        case .millisecondsSince1970: return Date(timeIntervalSince1970: try double(node) / 1000)
        case .iso8601:
            let text = try string(node)
            guard let date = try? Date.ISO8601FormatStyle().parse(text) else {
                throw corrupted("Expected date string to be ISO8601-formatted.", node)
            }
            return date
        }
    }

    private func data(_ node: Int) throws -> Data {
        guard let data = Data(base64Encoded: try string(node)) else {
            throw corrupted("Encountered Data is not valid Base64.", node)
        }
        return data
    }

    private func url(_ node: Int) throws -> URL {
        guard let url = URL(string: try string(node)) else { throw corrupted("Invalid URL string.", node) }
        return url
    }

    private func decimal(_ node: Int) throws -> Decimal {
        guard nodes[node].kind == .number else { throw mismatch(Decimal.self, node) }
        let text = JSONText.string(bytes, range(node), escaped: false)
        guard let decimal = Decimal(string: text), decimal.isFinite else { throw unrepresentable(Decimal.self, node) }
        return decimal
    }
}
