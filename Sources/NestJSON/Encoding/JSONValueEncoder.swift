/// Encodes the one value that is due at `start`.
struct JSONValueEncoder: Encoder {
    let state: EncodingState
    /// Where the value starts in the state's text.
    let start: Int
    /// How many containers are open around the value.
    let depth: Int

    var codingPath: [any CodingKey] { state.path(start) }

    var userInfo: [CodingUserInfoKey: Any] { state.codec.userInfo }

    /// An encoder of the value that is due now.
    init(_ state: EncodingState) {
        self.state = state
        state.writer.pointee.reserve(1)
        state.writer.pointee.separate()
        start = state.writer.pointee.count
        depth = state.writer.pointee.depth
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedEncoding<Key>(state: state, start: start, depth: open(isObject: true)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        UnkeyedEncoding(state: state, start: start, depth: open(isObject: false))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleValueEncoding(state: state, start: start, depth: depth)
    }

    /// The depth inside the container, opened unless it is open already; a depth that never is when the value has
    /// become something else.
    private func open(isObject: Bool) -> Int {
        let writer = state.writer
        let isOpen = writer.pointee.depth == depth + 1 && writer.pointee.count > start
        if isOpen { return writer.pointee.isObject == isObject ? depth + 1 : -2 }
        guard writer.pointee.depth == depth, writer.pointee.count == start else { return -2 }
        if isObject { writer.pointee.beginObject() } else { writer.pointee.beginArray() }
        return depth + 1
    }
}
