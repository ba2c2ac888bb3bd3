import NIOCore
import Testing

@testable import NestHTTP

@Suite("Multipart parser") struct MultipartParserTests {
    private let body = """
        preamble\r
        --b\r
        Content-Disposition: form-data; name="a"\r
        \r
        one\r
        --b \r
        content-disposition: form-data; name="f"; filename="x.bin"\r
        Content-Type: application/octet-stream\r
        \r
        \r
        --not\r
        \r
        --b--\r
        epilogue
        """

    private func texts(_ fields: [FormField]) -> [String] {
        fields.map { field in
            switch field.value {
            case .text(let text): "\(field.name)=\(text)"
            case .file(let file): "\(field.name)=\(file.filename):\(String(buffer: file.data))"
            }
        }
    }

    @Test("gives the same fields wherever the bytes are split")
    func splits() throws {
        let bytes = Array(body.utf8)
        for split in 0...bytes.count {
            var parser = MultipartParser(boundary: "b")
            try parser.feed(ByteBuffer(bytes: bytes[..<split]))
            try parser.feed(ByteBuffer(bytes: bytes[split...]))
            #expect(texts(try parser.finish()) == ["a=one", "f=x.bin:\r\n--not\r\n"], "split at \(split)")
        }
    }

    @Test("takes single bytes")
    func singleBytes() throws {
        var parser = MultipartParser(boundary: "b")
        for byte in body.utf8 { try parser.feed(ByteBuffer(bytes: [byte])) }
        #expect(try parser.finish().count == 2)
    }

    @Test("an empty form has no fields; the first boundary may be the first line")
    func empty() throws {
        var parser = MultipartParser(boundary: "b")
        try parser.feed(ByteBuffer(string: "--b--\r\n"))
        #expect(try parser.finish().isEmpty)
    }

    @Test("parts and heads have bounds")
    func bounds() {
        var parser = MultipartParser(boundary: "b", limits: MultipartLimits(parts: 1, head: 100))
        let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
        #expect(throws: MultipartFailure.self) { try parser.feed(ByteBuffer(string: part + part)) }
        parser = MultipartParser(boundary: "b", limits: MultipartLimits(parts: 1, head: 100))
        let head = ByteBuffer(string: "--b\r\nX: " + String(repeating: "y", count: 200))
        #expect(throws: MultipartFailure.self) { try parser.feed(head) }
    }

    @Test("broken ones are told apart from those that are not complete")
    func broken() throws {
        for text in ["--bxx\r\n", "--b\r\n\r\nno head\r\n--b--", "--b\r\nContent-Disposition: attachment\r\n\r\n"] {
            var parser = MultipartParser(boundary: "b")
            #expect(throws: MultipartFailure.self, "\(text)") { try parser.feed(ByteBuffer(string: text)) }
        }
        var parser = MultipartParser(boundary: "b")
        try parser.feed(ByteBuffer(string: "--b"))
        #expect(throws: MultipartFailure.self) { _ = try parser.finish() }
    }

    @Test("names of files in other alphabets")
    func extendedNames() {
        let head = PartHead(#"Content-Disposition: form-data; name="f"; filename="x"; filename*=UTF-8''na%C3%AFve.txt"#)
        #expect(head?.filename == "naïve.txt")
    }
}
