import NIOCore
import Testing

@testable import NestHTTP

@Suite("Wire text") struct WireTextTests {
    @Test("times as HTTP writes them")
    func dates() {
        #expect(HTTPDate.text(at: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(at: 951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
    }

    @Test("nothing in an event breaks out of its field")
    func events() {
        let event = ServerSentEvent(
            data: "a\r\ndata: b\rc\n", event: "x\nid: 9", id: "1\n\ndata: z", retry: .milliseconds(1_500))
        let text = String(buffer: event.bytes)
        #expect(text == "event: xid: 9\nid: 1data: z\nretry: 1500\ndata: a\ndata: data: b\ndata: c\ndata: \n\n")
    }

    @Test(
        "percent encoding, well-formed or not",
        arguments: [
            ("abc", "abc"), ("a%20b", "a b"), ("%C3%B6", "ö"), ("a+b", "a b"), ("%", nil), ("%4", nil), ("%zz", nil),
            ("%ff", nil),
        ])
    func percent(text: String, expected: String?) {
        #expect(PercentText.decode(text[...], plusIsSpace: true) == expected)
    }

    @Test("media types")
    func mediaTypes() {
        let type = MediaType(#"Multipart/Form-Data ; Boundary="a b"; charset=utf-8"#)
        #expect(type.essence == "multipart/form-data" && type["boundary"] == "a b" && type["charset"] == "utf-8")
        #expect(MediaType("application/problem+json; x").isJSON && !MediaType("").isJSON)
    }
}
