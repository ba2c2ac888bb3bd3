extension JSONReader {
    /// Passes over a value of any kind and lends its bytes, checked but not decoded.
    package mutating func rawValue<Result>(_ body: (UnsafeRawBufferPointer) -> Result) throws -> Result {
        let start = JSONScanner.blank(bytes, count, at)
        at = try checked(start)
        return body(UnsafeRawBufferPointer(start: bytes + start, count: at - start))
    }
}
