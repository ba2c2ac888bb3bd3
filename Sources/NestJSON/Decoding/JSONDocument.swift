/// A JSON text that is being decoded through `Codable`, shared by its decoders and containers.
final class JSONDocument {
    typealias Node = JSONTape.Node

    /// Lent by the caller while a value is decoded.
    @exclusivity(unchecked) private(set) var bytes: UnsafePointer<UInt8>
    private var copy: UnsafeMutablePointer<UInt8>?
    let count: Int
    let codec: JSONCodec
    /// Where the outermost value starts, which may lie outside of what the tape covers.
    let root: Int
    /// The path of the outermost value.
    private let outerPath: [any CodingKey]
    let memo: JSONPathMemo
    private let tape: JSONTape
    let nodes: UnsafeMutablePointer<Node>

    init(
        bytes: UnsafePointer<UInt8>, count: Int, root: Int, codec: JSONCodec, tape: consuming JSONTape,
        memo: JSONPathMemo = JSONPathMemo(), outerPath: [any CodingKey] = []
    ) {
        self.bytes = bytes
        self.count = count
        self.root = root
        self.codec = codec
        self.memo = memo
        self.outerPath = outerPath
        nodes = tape.nodes
        self.tape = tape
    }

    deinit { copy?.deallocate() }

    /// A document of just `null`, for a value that is not there.
    static func missing(codec: JSONCodec, path: [any CodingKey]) throws -> JSONDocument {
        let null: StaticString = "null"
        var tape = JSONTape(bytes: null.utf8Start, count: null.utf8CodeUnitCount, at: 0)
        _ = try tape.value(at: 0, room: 0)
        return JSONDocument(
            bytes: null.utf8Start, count: null.utf8CodeUnitCount, root: 0, codec: codec, tape: tape, outerPath: path)
    }

    /// Gives the bytes back and goes on with a copy, for decoders that someone kept.
    func detach() {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
        copy.initialize(from: bytes, count: count)
        self.copy = copy
        bytes = UnsafePointer(copy)
    }

    /// The text of a string.
    @inline(__always)
    func text(_ node: Int) -> String {
        let (start, end) = (Int(nodes[node].start), Int(nodes[node].end))
        return JSONText.string(bytes, start &+ 1..<end &- 1, escaped: nodes[node].flag)
    }

    @inline(__always)
    func range(_ node: Int) -> Range<Int> { Int(nodes[node].start)..<Int(nodes[node].end) }

    func path(_ node: Int) -> [any CodingKey] {
        let isSnake = codec.keyDecoding == .convertFromSnakeCase
        let inner = JSONPath(bytes: bytes, count: count, memo: memo)
            .find(root: root, target: Int(nodes[node].start), name: { isSnake ? KeyCase.camel($0) : $0 })
        return outerPath + inner
    }

    @inline(never)
    func mismatch(_ type: Any.Type, _ node: Int) -> DecodingError {
        .mismatch(type, found: bytes[Int(nodes[node].start)], path: path(node))
    }

    @inline(never)
    func corrupted(_ description: String, _ node: Int) -> DecodingError {
        .dataCorrupted(.init(codingPath: path(node), debugDescription: description))
    }
}
