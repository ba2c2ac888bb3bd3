import NIOCore

/// Takes a `multipart/form-data` body apart (RFC 7578), piece by piece as it comes.
///
/// It keeps what it has not made a field of yet: no more than the body, which whoever feeds it bounds.
struct MultipartParser {
    private enum State {
        /// Before the first boundary.
        case preamble
        /// Behind a boundary: either a line's end, or the two dashes of the last one.
        case boundaryEnd
        case head
        case body(PartHead)
        /// Behind the last boundary; what still comes means nothing.
        case end
    }

    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var state = State.preamble
    private var buffer = ByteBuffer()
    /// Bytes at the front of the buffer that have no delimiter in them.
    private var searched = 0
    private(set) var fields: [FormField] = []

    init(boundary: String, limits: MultipartLimits = MultipartLimits()) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limits = limits
        // The first boundary may be the first line.
        buffer.writeString("\r\n")
    }

    mutating func feed(_ piece: ByteBuffer) throws(MultipartFailure) {
        if case .end = state { return }
        buffer.writeImmutableBuffer(piece)
        while try step() {}
        buffer.discardReadBytes()
    }

    /// The fields, when there is nothing more to come.
    func finish() throws(MultipartFailure) -> [FormField] {
        guard case .end = state else { throw .incomplete }
        return fields
    }

    /// False when more bytes are needed.
    private mutating func step() throws(MultipartFailure) -> Bool {
        switch state {
        case .preamble:
            guard takeUntilDelimiter() != nil else { return false }
            state = .boundaryEnd
        case .boundaryEnd: return try stepBoundaryEnd()
        case .head: return try stepHead()
        case .body(let head):
            guard let content = takeUntilDelimiter() else { return false }
            try add(head, content)
            state = .boundaryEnd
        case .end: return false
        }
        return true
    }

    private mutating func stepBoundaryEnd() throws(MultipartFailure) -> Bool {
        guard buffer.readableBytes >= 2 else { return false }
        let view = buffer.readableBytesView
        if view.starts(with: "--".utf8) {
            state = .end
            buffer.clear()
            return false
        }
        guard let end = find(Array("\r\n".utf8), within: 256) else {
            guard view.count < 256 else { throw .malformed("a boundary is not followed by a line's end") }
            return false
        }
        let padding = view.prefix(end)
        guard padding.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else {
            throw .malformed("a boundary is followed by something else than a line's end")
        }
        // The line's end stays: a head without fields ends with it.
        buffer.moveReaderIndex(forwardBy: end)
        state = .head
        return true
    }

    private mutating func stepHead() throws(MultipartFailure) -> Bool {
        guard let end = find(Array("\r\n\r\n".utf8), within: limits.head) else {
            guard buffer.readableBytes <= limits.head else { throw .headTooLong(limits.head) }
            return false
        }
        let text = buffer.readString(length: end) ?? ""
        buffer.moveReaderIndex(forwardBy: 4)
        // The delimiter's line end may be the last bytes of the head: an empty part.
        searched = 0
        guard let head = PartHead(text) else { throw .malformed("a part has no name") }
        guard fields.count < limits.parts else { throw .tooManyParts(limits.parts) }
        state = .body(head)
        return true
    }

    private mutating func add(_ head: PartHead, _ content: ByteBuffer) throws(MultipartFailure) {
        guard let filename = head.filename else {
            guard let text = String(validating: content.readableBytesView, as: UTF8.self) else {
                throw .malformed("the field `\(head.name)` is no UTF-8 text")
            }
            fields.append(FormField(name: FormField.plain(head.name), value: .text(text)))
            return
        }
        let file = UploadedFile(filename: filename, contentType: head.contentType, data: content)
        fields.append(FormField(name: FormField.plain(head.name), value: .file(file)))
    }
}

extension MultipartParser {
    /// What stands before the next delimiter, which is taken too; nil when there is none yet.
    private mutating func takeUntilDelimiter() -> ByteBuffer? {
        guard let position = find(delimiter, from: searched) else {
            searched = max(0, buffer.readableBytes - delimiter.count + 1)
            return nil
        }
        let content = buffer.readSlice(length: position)
        buffer.moveReaderIndex(forwardBy: delimiter.count)
        searched = 0
        return content
    }

    private func find(_ needle: [UInt8], from start: Int = 0, within limit: Int = .max) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            let last = min(bytes.count - needle.count, limit)
            guard start <= last else { return nil }
            return (start...last).first { at in
                bytes[at] == needle[0] && needle.indices.allSatisfy { bytes[at + $0] == needle[$0] }
            }
        }
    }
}
