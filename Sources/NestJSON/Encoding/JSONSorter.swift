/// Puts the members of every object in the order of their names' UTF-8 bytes.
enum JSONSorter {
    static func sort(_ writer: inout JSONWriter, from start: Int) {
        let source = Array(UnsafeBufferPointer(start: writer.base + start, count: writer.count - start))
        writer.truncate(count: start, depth: writer.depth, needsComma: writer.needsComma)
        source.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            Sorting(bytes: base, count: source.count).value(at: 0, to: &writer)
        }
    }

    /// The text is what the writer wrote: well-formed and without white space.
    private struct Sorting {
        let bytes: UnsafePointer<UInt8>
        let count: Int

        func value(at start: Int, to writer: inout JSONWriter) {
            switch bytes[start] {
            case UInt8(ascii: "{"): object(at: start, to: &writer)
            case UInt8(ascii: "["): array(at: start, to: &writer)
            default: writer.append(bytes + start, end(start) - start)
            }
        }

        private func array(at start: Int, to writer: inout JSONWriter) {
            var at = start
            while at == start || bytes[at] == UInt8(ascii: ",") {
                writer.append(bytes + at, 1)
                at += 1
                guard bytes[at] != UInt8(ascii: "]") else { break }
                value(at: at, to: &writer)
                at = end(at)
            }
            writer.append(bytes + at, 1)
        }

        private func object(at start: Int, to writer: inout JSONWriter) {
            let members = members(at: start).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            writer.append(bytes + start, 1)
            for (index, member) in members.enumerated() {
                if index > 0 { writer.append([UInt8(ascii: ",")], 1) }
                writer.append(bytes + member.start, member.value - member.start)
                value(at: member.value, to: &writer)
            }
            writer.append([UInt8(ascii: "}")], 1)
        }

        private func members(at start: Int) -> [(name: String, start: Int, value: Int)] {
            var members: [(name: String, start: Int, value: Int)] = []
            var at = start + 1
            while at < count, bytes[at] == UInt8(ascii: "\"") {
                var escaped = false
                guard let end = try? JSONScanner.string(bytes, count, at + 1, escaped: &escaped) else { break }
                let name = JSONText.string(bytes, at + 1..<end - 1, escaped: escaped)
                members.append((name: name, start: at, value: end + 1))
                at = self.end(end + 1) + 1
            }
            return members
        }

        private func end(_ start: Int) -> Int {
            (try? JSONScanner.value(bytes, count, start, room: 512)) ?? count
        }
    }
}
