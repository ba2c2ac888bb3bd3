/// What the encoders and containers of one value share: the writer, and the containers that are filled later.
///
/// Text is written as it is encoded. Only `nestedContainer` and `superEncoder` allow to go back to an earlier place, so
/// what they return writes into a state of its own, put in at the end.
final class EncodingState {
    /// Stands in the text where a state of its own is to be put in.
    private static let placeholder: StaticString = "null"

    /// Valid as long as this is: lent by the caller while a value is encoded, our own before and after.
    @exclusivity(unchecked) private(set) var writer: UnsafeMutablePointer<JSONWriter>
    private var ownsWriter = false
    /// The state this is put into, and where.
    private let outer: (state: EncodingState, offset: Int)?
    private let baseDepth: Int
    private var inserts: [(offset: Int, state: EncodingState)] = []

    /// Writes to a writer that is lent until ``detach()``.
    init(lent writer: UnsafeMutablePointer<JSONWriter>) {
        self.writer = writer
        baseDepth = writer.pointee.depth
        outer = nil
    }

    private init(in state: EncodingState) {
        baseDepth = state.writer.pointee.depth
        outer = (state, state.writer.pointee.count)
        writer = Self.own(JSONWriter(codec: state.codec, depth: baseDepth))
        ownsWriter = true
    }

    deinit {
        guard ownsWriter else { return }
        writer.deinitialize(count: 1)
        writer.deallocate()
    }

    private static func own(_ writer: consuming JSONWriter) -> UnsafeMutablePointer<JSONWriter> {
        let pointer = UnsafeMutablePointer<JSONWriter>.allocate(capacity: 1)
        pointer.initialize(to: writer)
        return pointer
    }

    /// Gives the lent writer back. What an encoder writes that someone kept goes nowhere.
    func detach() {
        writer = Self.own(JSONWriter(codec: codec, depth: -1))
        ownsWriter = true
    }

    var codec: JSONCodec { writer.pointee.codec }

    var mark: Mark {
        Mark(count: writer.pointee.count, depth: writer.pointee.depth, needsComma: writer.pointee.needsComma)
    }

    /// A state for the value that is due now.
    func insert() -> EncodingState {
        writer.pointee.reserve(8)
        writer.pointee.separate()
        let state = EncodingState(in: self)
        inserts.append((offset: writer.pointee.count, state: state))
        writer.pointee.put(Self.placeholder)
        writer.pointee.needsComma = true
        return state
    }

    /// Takes back what was written behind `mark`.
    func rollBack(to mark: Mark) {
        writer.pointee.truncate(count: mark.count, depth: mark.depth, needsComma: mark.needsComma)
        while let last = inserts.last, last.offset >= mark.count { inserts.removeLast() }
    }

    /// Puts in what was filled later.
    func resolveInserts() {
        guard !inserts.isEmpty else { return }
        var whole = JSONWriter(codec: codec, depth: writer.pointee.depth)
        var from = 0
        for (offset, state) in inserts {
            whole.append(writer.pointee.base + from, offset - from)
            state.close()
            whole.append(state.writer.pointee.base, state.writer.pointee.count)
            from = offset + Self.placeholder.utf8CodeUnitCount
        }
        whole.append(writer.pointee.base + from, writer.pointee.count - from)
        whole.needsComma = writer.pointee.needsComma
        inserts = []
        writer.pointee = whole
    }

    /// Closes what is open; nothing at all becomes an empty object. Containers of this state are of no use then.
    private func close() {
        while writer.pointee.depth > baseDepth { writer.pointee.close() }
        if writer.pointee.count == 0 { writer.pointee.emptyObject() }
        resolveInserts()
    }

    /// The coding path of what stands at `position` of the text.
    func path(_ position: Int) -> [any CodingKey] {
        guard let outer else { return writer.pointee.path(position) }
        return outer.state.path(outer.offset) + writer.pointee.path(position)
    }

    /// A place in the text to go back to.
    struct Mark {
        var count: Int
        var depth: Int
        var needsComma: Bool
    }
}
