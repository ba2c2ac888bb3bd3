/// Finds the coding path of a place in JSON text. Coders keep no path while all is well; it is looked up for an error.
struct JSONPath {
    typealias Bytes = UnsafePointer<UInt8>

    let bytes: Bytes
    let count: Int
    /// Makes many errors in one text, one after the other, cost no more than reading it a few times.
    var memo: JSONPathMemo?

    /// The path from the value at `root` to what stands at `target`. The text may break off behind `target`.
    func find(root: Int, target: Int, name: (String) -> String = { $0 }) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var at = JSONScanner.blank(bytes, count, root)
        while at < target, let child = child(of: at, at: target) {
            memo?.children[at] = child.end == nil ? nil : child
            path.append(child.name.map { JSONCodingKey(stringValue: name($0)) } ?? JSONCodingKey(index: child.index))
            at = child.start
        }
        return path
    }

    /// A value in a container.
    struct Child {
        /// Nil in an array.
        var name: String?
        var index: Int
        var start: Int
        /// Nil when the text breaks off in it.
        var end: Int?
    }

    /// What `target` lies in of the container at `container`.
    private func child(of container: Int, at target: Int) -> Child? {
        guard container < count else { return nil }
        let isObject = bytes[container] == UInt8(ascii: "{")
        guard isObject || bytes[container] == UInt8(ascii: "[") else { return nil }
        var next: Int? = JSONScanner.blank(bytes, count, container + 1)
        var index = 0
        if let known = memo?.children[container], let end = known.end, known.start <= target {
            if target < end { return known }
            (next, index) = (comma(end), known.index + 1)
        }
        while let at = next, at <= target {
            guard let (start, nameRange, isEscaped) = isObject ? member(at) : element(at), start <= target else {
                break
            }
            let end = try? JSONScanner.value(bytes, count, start, room: 512)
            if let end, end <= target {
                next = comma(end)
                index += 1
            } else {
                let name = nameRange.map { JSONText.string(bytes, $0, escaped: isEscaped) }
                return Child(name: name, index: index, start: start, end: end)
            }
        }
        return nil
    }

    private typealias Start = (value: Int, name: Range<Int>?, isEscaped: Bool)

    private func member(_ at: Int) -> Start? {
        guard at < count, bytes[at] == UInt8(ascii: "\"") else { return nil }
        var escaped = false
        guard let end = try? JSONScanner.string(bytes, count, at + 1, escaped: &escaped),
            let value = try? JSONScanner.colon(bytes, count, end)
        else { return nil }
        return (value, at + 1..<end - 1, escaped)
    }

    private func element(_ at: Int) -> Start? {
        let closes = at < count && bytes[at] == UInt8(ascii: "]")
        return closes ? nil : (at, nil, false)
    }

    private func comma(_ start: Int) -> Int? {
        let at = JSONScanner.blank(bytes, count, start)
        guard at < count, bytes[at] == UInt8(ascii: ",") else { return nil }
        return JSONScanner.blank(bytes, count, at + 1)
    }
}
