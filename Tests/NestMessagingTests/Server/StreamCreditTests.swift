import NestTesting
import Testing

@testable import NestMessaging

@Suite struct StreamCreditTests {
    @Test func creditIsTakenAndGranted() async {
        let credit = StreamCredit(2)
        #expect(await credit.take())
        #expect(await credit.take())
        credit.grant(1)
        #expect(await credit.take())
    }

    @Test func aWriterWithoutCreditWaits() async throws {
        let credit = StreamCredit(0)
        let taken = Watched(0)
        let writer = Task { while await credit.take() { taken.increment() } }
        credit.grant(3)
        try await taken.eventually("three items") { $0 == 3 }
        credit.grant(1)
        try await taken.eventually("another item") { $0 == 4 }
        credit.cancel()
        await writer.value
        #expect(taken.value == 4 && credit.isCancelled)
    }

    @Test func whatWasGrantedCanBeTakenWhenNoMoreWillBe() async throws {
        let credit = StreamCredit(2)
        credit.finishGrants()
        #expect(await credit.take())
        #expect(await credit.take())
        #expect(!credit.isCancelled)
        #expect(await !credit.take())
        #expect(credit.isCancelled)
    }

    @Test func nothingCanBeTakenAfterTheReaderGaveUp() async {
        let credit = StreamCredit(5)
        credit.cancel()
        #expect(await credit.take() == false)
        credit.grant(5)
        #expect(await credit.take() == false)
    }

    @Test func cancellingTheWriterIsAGivingUpToo() async {
        let credit = StreamCredit(0)
        let writer = Task { await credit.take() }
        writer.cancel()
        #expect(await writer.value == false)
        #expect(credit.isCancelled)
    }

    @Test func whoWantsToKnowIsTold() {
        let told = Watched(0)
        let credit = StreamCredit(0)
        credit.whenCancelled { told.increment() }
        #expect(told.value == 0)
        credit.cancel()
        credit.cancel()
        #expect(told.value == 1)
        credit.whenCancelled { told.increment() }
        #expect(told.value == 2)
    }

    @Test func creditDoesNotOverflow() async {
        let credit = StreamCredit(0)
        for _ in 0..<4 { credit.grant(.max) }
        #expect(await credit.take())
        let full = StreamCredit(.max)
        full.grant(.max)
        #expect(await full.take())
    }
}
