/// Where the values of a JSON text stand: a node for each value and each name, in the order of the text.
///
/// Made in one pass that checks every byte. Containers find their members here and look at the text no more than once.
struct JSONTape: ~Copyable {
    struct Node {
        /// The first byte of the value.
        var start: UInt32
        /// Behind the value.
        var end: UInt32
        /// The node behind this value and all that is in it. A name's is free: that of an object's first name
        /// remembers which name to look at first.
        var next: UInt32
        var kind: Kind
        /// Strings: whether there are escapes. Objects: whether names may stand twice.
        var flag: Bool
    }

    enum Kind: UInt8 {
        case object, array, string, number, `true`, `false`, null
    }

    private(set) var nodes: UnsafeMutablePointer<Node>
    private var count = 0
    private var capacity: Int
    private let bytes: UnsafePointer<UInt8>
    private let length: Int

    init(bytes: UnsafePointer<UInt8>, count length: Int, at start: Int) {
        self.bytes = bytes
        self.length = length
        capacity = min(max(32, (length - start) / 8), length - start) + 2
        nodes = .allocate(capacity: capacity)
    }

    deinit { nodes.deallocate() }

    /// Reads the value at `at` and returns where it ends.
    mutating func value(at: Int, room: Int) throws(JSONScanner.Failure) -> Int {
        guard at < length else { throw JSONScanner.Failure(.unexpectedEnd, at) }
        let node = append(at)
        switch bytes[at] {
        case UInt8(ascii: "\""): return try string(node, at)
        case UInt8(ascii: "{"): return try object(node, at, room: room)
        case UInt8(ascii: "["): return try array(node, at, room: room)
        default: return try scalar(node, at)
        }
    }

    @inline(__always)
    private mutating func append(_ start: Int) -> Int {
        if count == capacity { grow() }
        let node = count
        count &+= 1
        nodes[node].start = UInt32(truncatingIfNeeded: start)
        return node
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Node>.allocate(capacity: capacity * 2)
        larger.update(from: nodes, count: count)
        nodes.deallocate()
        nodes = larger
        capacity *= 2
    }

    @inline(__always)
    private func close(_ node: Int, _ kind: Kind, flag: Bool = false, end: Int) -> Int {
        nodes[node].end = UInt32(truncatingIfNeeded: end)
        nodes[node].next = UInt32(truncatingIfNeeded: count)
        nodes[node].kind = kind
        nodes[node].flag = flag
        return end
    }

    @inline(__always)
    private func string(_ node: Int, _ at: Int) throws(JSONScanner.Failure) -> Int {
        var escaped = false
        let end = try JSONScanner.string(bytes, length, at &+ 1, escaped: &escaped)
        return close(node, .string, flag: escaped, end: end)
    }

    @inline(__always)
    private func scalar(_ node: Int, _ at: Int) throws(JSONScanner.Failure) -> Int {
        let end = try JSONScanner.scalar(bytes, length, at)
        let kind: Kind =
            switch bytes[at] {
            case UInt8(ascii: "t"): .true
            case UInt8(ascii: "f"): .false
            case UInt8(ascii: "n"): .null
            default: .number
            }
        return close(node, kind, end: end)
    }

    private mutating func array(_ node: Int, _ start: Int, room: Int) throws(JSONScanner.Failure) -> Int {
        guard room > 0 else { throw JSONScanner.Failure(.tooDeep, start) }
        var at = JSONScanner.blank(bytes, length, start &+ 1)
        if at < length, bytes[at] == UInt8(ascii: "]") { return close(node, .array, end: at &+ 1) }
        while true {
            at = JSONScanner.blank(bytes, length, try value(at: at, room: room &- 1))
            guard try continues(at, closing: UInt8(ascii: "]")) else { return close(node, .array, end: at &+ 1) }
            at = JSONScanner.blank(bytes, length, at &+ 1)
        }
    }

    private mutating func object(_ node: Int, _ start: Int, room: Int) throws(JSONScanner.Failure) -> Int {
        guard room > 0 else { throw JSONScanner.Failure(.tooDeep, start) }
        var at = JSONScanner.blank(bytes, length, start &+ 1)
        if at < length, bytes[at] == UInt8(ascii: "}") { return close(node, .object, end: at &+ 1) }
        var marks: UInt64 = 0
        var mayRepeat = false
        while true {
            at = try name(at, &marks, &mayRepeat)
            at = JSONScanner.blank(bytes, length, try value(at: at, room: room &- 1))
            guard try continues(at, closing: UInt8(ascii: "}")) else { break }
            at = JSONScanner.blank(bytes, length, at &+ 1)
        }
        nodes[node &+ 1].next = UInt32(truncatingIfNeeded: node &+ 1)
        return close(node, .object, flag: mayRepeat, end: at &+ 1)
    }

    /// A name, marked by its length and two of its bytes, and the colon; returns where the value starts.
    @inline(__always)
    private mutating func name(
        _ at: Int, _ marks: inout UInt64, _ mayRepeat: inout Bool
    ) throws(JSONScanner.Failure) -> Int {
        guard at < length else { throw JSONScanner.Failure(.unexpectedEnd, at) }
        guard bytes[at] == UInt8(ascii: "\"") else { throw JSONScanner.Failure(.unexpectedByte, at) }
        let node = append(at)
        let end = try string(node, at)
        let mark = NameMark.bit(bytes + at + 1, end &- at &- 2, isEscaped: nodes[node].flag)
        if marks & mark != 0 { mayRepeat = true }
        marks |= mark
        return try JSONScanner.colon(bytes, length, end)
    }

    /// Whether a comma stands there and not the closing byte.
    @inline(__always)
    private func continues(_ at: Int, closing: UInt8) throws(JSONScanner.Failure) -> Bool {
        guard at < length else { throw JSONScanner.Failure(.unexpectedEnd, at) }
        if bytes[at] == closing { return false }
        guard bytes[at] == UInt8(ascii: ",") else { throw JSONScanner.Failure(.unexpectedByte, at) }
        return true
    }
}
