extension JSONReader {
    /// The bytes are no JSON; the path is left empty, as Foundation does.
    @inline(never)
    func malformed(_ failure: JSONScanner.Failure) -> DecodingError { .malformed(failure) }

    @inline(never)
    func mismatch(_ type: Any.Type, _ offset: Int) -> any Error {
        do {
            _ = try checked(offset)
        } catch {
            return error
        }
        return DecodingError.mismatch(type, found: bytes[offset], path: path(offset))
    }

    @inline(never)
    func corrupted(_ description: String, _ offset: Int) -> DecodingError {
        .dataCorrupted(.init(codingPath: path(offset), debugDescription: description))
    }

    @usableFromInline
    @inline(never)
    func missing(_ key: StaticString) -> DecodingError {
        .missing(JSONCodingKey(stringValue: key.description), path: path(at - 1))
    }

    func path(_ offset: Int) -> [any CodingKey] {
        JSONPath(bytes: bytes, count: count, memo: memo).find(root: root, target: offset)
    }
}
