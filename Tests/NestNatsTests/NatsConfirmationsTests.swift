import NIOCore
import NIOPosix
import NestTesting
import Testing

@testable import NestMessaging
@testable import NestNats

/// What confirms an event, and what does not.
@Suite("NATS: confirmations") struct NatsConfirmationsTests {
    private let confirmations = NatsConfirmations(
        of: JetStreamOptions(stream: "ORDERS", subjects: ["orders.>"]), NatsInbox(prefix: "_INBOX"),
        PendingReplies(eventLoop: MultiThreadedEventLoopGroup.singleton.next(), limit: 10))

    private func read(
        _ body: String, _ number: UInt64 = 7, _ kind: NatsInbox.Kind = .repeatedConfirmation
    ) -> PendingReplies.Reply? {
        ByteBuffer(string: body).withUnsafeReadableBytes { confirmations.read($0, number, kind) }
    }

    @Test(arguments: [
        #"{"stream":"ORDERS", "seq":17}"#, #"{"stream":"ORDERS","seq":17}"#,
        #"{"stream":"ORDERS", "domain":"hub", "seq":17}"#, #"{"seq":18446744073709551615,"stream":"ORDERS"}"#,
    ])
    func theStreamConfirms(_ body: String) {
        #expect(read(body) == .success(.null))
        #expect(read(body, .max, .confirmation) == .success(.null))
    }

    /// The second confirmation of an event is none of the next one of its number.
    @Test func aConfirmationCountsOnce() {
        let first = #"{"stream":"ORDERS", "seq":17}"#
        #expect(read(first) == .success(.null))
        #expect(read(first) == nil)
        #expect(read(#"{"stream":"ORDERS","seq":17}"#) == nil)
        #expect(read(#"{"stream":"ORDERS", "seq":16}"#) == nil)
        #expect(read(first, 8) == .success(.null), "another number of another slot")
        #expect(read(#"{"stream":"ORDERS", "seq":18}"#) == .success(.null))
    }

    /// What comes late about an event that was given up is not taken for what was heard last: the second word about the
    /// next one would count again.
    @Test func aLateConfirmationIsForgotten() {
        let (before, number): (UInt64, UInt64) = (7, 7 | 1 << 20)
        let second = #"{"stream":"ORDERS", "seq":18}"#
        #expect(read(second, number) == .success(.null))
        #expect(read(#"{"stream":"ORDERS", "seq":17}"#, before) == nil)
        #expect(read(second, number) == nil)
        #expect(read(#"{"stream":"ORDERS", "seq":19}"#, number) == .success(.null))
    }

    /// What says that the stream has the event already is about one that was sent before.
    @Test func anEventThatIsNewIsNoDuplicate() {
        let body = #"{"stream":"ORDERS", "seq":17,"duplicate": true}"#
        #expect(read(body) == nil)
        #expect(read(body, 7, .confirmation) == .success(.null))
    }

    @Test(arguments: [
        "", "{}", "null", #"{"ok":true}"#, #"{"stream":"ORDERS"}"#, #"{"stream":"OTHER", "seq":17}"#,
        #"{"stream":"ORDERS", "seq":}"#, #"{"stream":"ORDERS", "seq":-1}"#, #"{"stream":"ORDERS", "seq":1x}"#,
        #"{"stream":"ORDERS", "seq":17"#, #"{"stream":"ORDERS2", "seq":17}"#,
    ])
    func whatStrangersSayConfirmsNothing(_ body: String) {
        #expect(read(body) == nil)
        #expect(read(body, 7, .confirmation) == nil)
    }

    @Test(arguments: [NatsInbox.Kind.confirmation, .repeatedConfirmation])
    func aRefusal(_ kind: NatsInbox.Kind) throws {
        let full =
            #"{"error":{"code":400,"err_code":10077,"description":"maximum bytes exceeded"},"stream":"ORDERS","seq":0}"#
        guard case .failure(let error)? = read(full, 7, kind) else { return #expect(Bool(false), "it is refused") }
        #expect(error.code == .rejected && error.message.contains("maximum bytes exceeded"))
        let leaderless = #"{"error":{"code":503,"description":"no quorum"}}"#
        guard case .failure(let error)? = read(leaderless, 7, kind) else {
            return #expect(Bool(false), "it is refused")
        }
        #expect(error.code == .noResponders)
    }

    @Test func subjectsSayWhatComesToThem() throws {
        let inbox = confirmations.inbox
        for kind in [NatsInbox.Kind.confirmation, .repeatedConfirmation] {
            var subject = inbox.withSubject(123, kind) { String(cString: $0) }
            let read = subject.withUTF8 { inbox.confirmed(in: UnsafeRawBufferPointer($0)) }
            #expect(read?.number == 123 && read?.kind == kind)
            #expect(subject.withUTF8 { inbox.number(in: UnsafeRawBufferPointer($0)) } == nil)
        }
        var plain = inbox.withSubject(123) { String(cString: $0) }
        #expect(plain.withUTF8 { inbox.confirmed(in: UnsafeRawBufferPointer($0)) } == nil)
    }
}
