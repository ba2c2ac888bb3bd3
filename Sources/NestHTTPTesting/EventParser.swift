import NIOCore

/// Takes an event stream apart, whatever pieces it comes in.
struct EventParser {
    private var buffer = ByteBuffer()
    private var fields: [(name: String, value: String)] = []

    mutating func append(_ piece: ByteBuffer) { buffer.writeImmutableBuffer(piece) }

    /// The next event that is complete.
    mutating func next() -> ServerSentEvent? {
        while let line = nextLine() {
            if !line.isEmpty {
                add(line)
            } else if let event = takeEvent() {
                return event
            }
        }
        return nil
    }

    private mutating func nextLine() -> String? {
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = buffer.readString(length: end - buffer.readerIndex)
        buffer.moveReaderIndex(forwardBy: 1)
        return line
    }

    /// A line that begins with a colon is a comment.
    private mutating func add(_ line: String) {
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return }
        let value = line[line.index(after: colon)...]
        fields.append((String(line[..<colon]), String(value.first == " " ? value.dropFirst() : value)))
    }

    private mutating func takeEvent() -> ServerSentEvent? {
        defer { fields = [] }
        let data = fields.filter { $0.name == "data" }.map(\.value)
        guard !fields.isEmpty else { return nil }
        return ServerSentEvent(
            data: data.joined(separator: "\n"), event: value("event"), id: value("id"),
            retry: value("retry").flatMap { Int($0) }.map { .milliseconds($0) })
    }

    private func value(_ name: String) -> String? { fields.last { $0.name == name }?.value }
}
