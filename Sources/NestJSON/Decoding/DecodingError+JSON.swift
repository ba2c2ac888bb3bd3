extension DecodingError {
    static func malformed(_ failure: JSONScanner.Failure) -> DecodingError {
        let description = "The given data was not valid JSON: \(failure)"
        return .dataCorrupted(.init(codingPath: [], debugDescription: description, underlyingError: failure))
    }

    static func missing(_ key: any CodingKey, path: [any CodingKey]) -> DecodingError {
        let description = "No value associated with key \(key) (\"\(key.stringValue)\")."
        return .keyNotFound(key, .init(codingPath: path, debugDescription: description))
    }

    /// `found` is the first byte of the value that stands there.
    static func mismatch(_ type: Any.Type, found: UInt8, path: [any CodingKey]) -> DecodingError {
        if found == UInt8(ascii: "n") {
            let description = "Cannot get value of type \(type) -- found null value instead"
            return .valueNotFound(type, .init(codingPath: path, debugDescription: description))
        }
        let description = "Expected to decode \(type) but found \(name(ofValueStartingWith: found)) instead."
        return .typeMismatch(type, .init(codingPath: path, debugDescription: description))
    }

    private static func name(ofValueStartingWith byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "{"): "a dictionary"
        case UInt8(ascii: "["): "an array"
        case UInt8(ascii: "\""): "a string"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): "bool"
        default: "number"
        }
    }
}

extension DecodingError {
    static func unrepresentable(
        _ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, as type: Any.Type, path: [any CodingKey]
    ) -> DecodingError {
        let shown = min(range.count, 64)
        let text = String(
            decoding: UnsafeBufferPointer(start: bytes + range.lowerBound, count: shown), as: UTF8.self)
        let description = "Parsed JSON number <\(text)\(shown < range.count ? "…" : "")> does not fit in \(type)."
        return .dataCorrupted(.init(codingPath: path, debugDescription: description))
    }
}
