import NestTesting
import Testing

@testable import NestNats

@Suite struct NatsSubjectsTests {
    @Test(arguments: [
        ("", "orders.create", "orders.create"), ("shop", "orders.create", "shop.orders.create"),
        (".shop.eu.", "a", "shop.eu.a"), ("", "orders.*.>", "orders.*.>"), ("", "a b", "a%20b"),
        ("p", #"{"cmd":"a..b","x":"* >"}"#, #"p.{"cmd":"a.%2Eb","x":"%2A%20%3E"}"#),
    ])
    func mapsPatterns(_ prefix: String, _ pattern: String, _ subject: String) {
        let subjects = NatsSubjects(prefix: prefix)
        #expect(subjects.subject(of: Pattern(pattern)) == subject)
        #expect(subjects.withSubject(of: Pattern(pattern)) { String(cString: $0) } == subject)
    }

    @Test func cutsThePrefix() {
        func name(_ prefix: String, _ subject: String) -> String? {
            var subject = subject
            return subject.withUTF8 { bytes in
                NatsSubjects(prefix: prefix).name(of: UnsafeRawBufferPointer(bytes)).map {
                    String(decoding: $0, as: UTF8.self)
                }
            }
        }
        #expect(name("", "a.b") == "a.b")
        #expect(name("p", "p.a.b") == "a.b")
        #expect(name("p", "q.a.b") == nil)
        #expect(name("p", "p.") == nil)
    }

    /// What the server speaks on, and where replies go, is nobody's to take.
    @Test(arguments: [">", "*.x", "$JS.API.>", "$SYS.x", "_INBOX.>", "replies.x"])
    func refusesForeignSubjects(_ pattern: String) {
        #expect(NatsSubjects(prefix: "").problem(subscribing: Pattern(pattern), inbox: "replies") != nil)
    }

    @Test func aPrefixMakesWildcardsSafe() {
        #expect(NatsSubjects(prefix: "shop").problem(subscribing: ">", inbox: "_INBOX") == nil)
        #expect(NatsSubjects(prefix: "").problem(subscribing: "orders.>", inbox: "_INBOX") == nil)
    }

    @Test(arguments: [0, 9, 10, 4_294_967_296, UInt64.max])
    func inboxesNumberTheirSubjects(_ number: UInt64) {
        let inbox = NatsInbox(prefix: "_INBOX")
        var subject = inbox.withSubject(number) { String(cString: $0) }
        #expect(subject == "\(inbox.wildcard.dropLast())\(number)")
        #expect(subject.withUTF8 { inbox.number(in: UnsafeRawBufferPointer($0)) } == number)
    }

    @Test(arguments: ["", "x", "-1", "18446744073709551616", "1.2"])
    func inboxesKnowTheirSubjects(_ end: String) {
        let inbox = NatsInbox(prefix: "_INBOX")
        var subject = inbox.wildcard.dropLast() + end
        #expect(subject.withUTF8 { inbox.number(in: UnsafeRawBufferPointer($0)) } == nil)
        #expect(NatsInbox(prefix: "_INBOX").wildcard != inbox.wildcard)
    }
}
