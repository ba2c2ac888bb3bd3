/// Appends JSON text to a buffer of its own; one is made for each message. See ``JSONMessage``.
///
/// Commas are set by the writer. It is not copied: pass it as `inout`.
public struct JSONWriter: ~Copyable {
    /// Fits what the C library's per-thread free lists serve without a lock.
    private static let initialCapacity = 1_000

    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var capacity: Int
    /// False while the memory is somebody else's.
    private(set) var ownsMemory = true
    /// Whether something stands before the next value or name in its container.
    var needsComma = false
    /// How many containers are open.
    private(set) var depth = 0
    /// A bit for each open container: set for objects.
    private var kinds = SIMD8<UInt64>.zero
    var codec = JSONCodec.default

    /// An empty writer.
    public init() {
        capacity = Self.initialCapacity
        base = .allocate(capacity: capacity)
    }

    /// A writer that counts `depth` containers around it.
    init(codec: JSONCodec, depth: Int) {
        self.init()
        self.codec = codec
        self.depth = depth
    }

    /// An empty writer that writes as `codec` says.
    package init(codec: JSONCodec) { self.init(codec: codec, depth: 0) }

    /// A writer into memory that outlives it. When more is written than fits, it goes on in memory of its own.
    package init(codec: JSONCodec, into memory: UnsafeMutableRawBufferPointer) {
        if let start = memory.baseAddress {
            base = start.assumingMemoryBound(to: UInt8.self)
            capacity = memory.count
            ownsMemory = false
        } else {
            capacity = Self.initialCapacity
            base = .allocate(capacity: capacity)
        }
        self.codec = codec
    }

    deinit { if ownsMemory { base.deallocate() } }

    /// Lends what has been written so far.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// How many bytes were written.
    package var length: Int { count }

    /// True when what was written lies in the memory the writer was lent.
    package var isInLentMemory: Bool { !ownsMemory }

    /// Forgets what has been written and keeps the memory.
    public mutating func removeAll() {
        count = 0
        depth = 0
        needsComma = false
    }

    /// Opens an object; write members and close it.
    public mutating func beginObject() { open(UInt8(ascii: "{"), isObject: true) }

    /// Closes the innermost container, an object.
    public mutating func endObject() { close() }

    /// Opens an array; write values and close it.
    public mutating func beginArray() { open(UInt8(ascii: "["), isObject: false) }

    /// Closes the innermost container, an array.
    public mutating func endArray() { close() }

    @inline(__always)
    private mutating func open(_ byte: UInt8, isObject: Bool) {
        reserve(2)
        separate()
        put(byte)
        needsComma = false
        depth &+= 1
        let bit: UInt64 = 1 << UInt64(depth & 63)
        if isObject { kinds[depth >> 6 & 7] |= bit } else { kinds[depth >> 6 & 7] &= ~bit }
    }

    @inline(__always)
    mutating func close() {
        reserve(1)
        put(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        depth &-= 1
        needsComma = true
    }

    mutating func emptyObject() {
        beginObject()
        close()
    }

    mutating func append(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        put(bytes, length)
    }

    /// Whether the innermost container is an object.
    var isObject: Bool { kinds[depth >> 6 & 7] & 1 << UInt64(depth & 63) != 0 }

    var isTooDeep: Bool { depth >= codec.nestingLimit }

    /// Takes back what was written behind `count`.
    mutating func truncate(count: Int, depth: Int, needsComma: Bool) {
        self.count = count
        self.depth = depth
        self.needsComma = needsComma
    }

    /// Puts the comma that is due; there must be room for it.
    @inline(__always)
    mutating func separate() {
        guard needsComma else { return }
        put(UInt8(ascii: ","))
        needsComma = false
    }

    /// Makes room for so many bytes.
    @inline(__always)
    mutating func reserve(_ length: Int) {
        if count &+ length > capacity { grow(length) }
    }

    @inline(never)
    private mutating func grow(_ length: Int) {
        capacity = max(capacity * 2, count + length)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        if ownsMemory { base.deallocate() }
        ownsMemory = true
        base = larger
    }

    /// There must be room.
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        base[count] = byte
        count &+= 1
    }

    /// There must be room.
    @inline(__always)
    mutating func put(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
        RawBytes.copy(bytes, to: base + count, length)
        count &+= length
    }

    /// Counts bytes that were put at the end.
    @inline(__always)
    mutating func advance(_ length: Int) { count &+= length }

    /// There must be room.
    @inline(__always)
    mutating func put(_ text: StaticString) { put(text.utf8Start, text.utf8CodeUnitCount) }
}
