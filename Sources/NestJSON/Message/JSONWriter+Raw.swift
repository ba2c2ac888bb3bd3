extension JSONWriter {
    /// Splices in the bytes of one value that is known to be well-formed.
    package mutating func raw(_ value: UnsafeRawBufferPointer) {
        guard let start = value.baseAddress else { return null() }
        reserve(value.count + 1)
        separate()
        put(start.assumingMemoryBound(to: UInt8.self), value.count)
        needsComma = true
    }
}
