/// Bytes compared and copied a word at a time.
enum RawBytes {
    @inline(__always)
    static func equal(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var at = 0
        while at &+ 8 <= count {
            guard JSONScanner.word(left, at) == JSONScanner.word(right, at) else { return false }
            at &+= 8
        }
        while at < count {
            guard left[at] == right[at] else { return false }
            at &+= 1
        }
        return true
    }

    /// Copies short texts without a call; most names and many strings are short.
    @inline(__always)
    static func copy(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, _ count: Int) {
        let (from, to) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
        guard count <= 16 else { return to.copyMemory(from: from, byteCount: count) }
        if count >= 8 {
            ends(from, to, count, UInt64.self)
        } else if count >= 4 {
            ends(from, to, count, UInt32.self)
        } else {
            for index in 0..<count { target[index] = source[index] }
        }
    }

    /// The first and the last word, which overlap unless `count` is the size of two.
    @inline(__always)
    private static func ends<Word: FixedWidthInteger & BitwiseCopyable>(
        _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ count: Int, _: Word.Type
    ) {
        let last = count &- MemoryLayout<Word>.size
        let words = (from.loadUnaligned(as: Word.self), from.loadUnaligned(fromByteOffset: last, as: Word.self))
        to.storeBytes(of: words.0, as: Word.self)
        to.storeBytes(of: words.1, toByteOffset: last, as: Word.self)
    }
}
