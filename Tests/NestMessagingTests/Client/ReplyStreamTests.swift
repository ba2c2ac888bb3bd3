import NIOCore
import NIOEmbedded
import NIOPosix
import NestTesting
import Testing

@testable import NestMessaging

@Suite struct ReplyStreamTests {
    /// What a source told its peer.
    private struct Peer {
        let granted = Watched<[Int]>([])
        let cancelled = Watched<[Bool]>([])
        let waits = Watched(0)

        func attach(to source: ReplyStreamSource) {
            source.attach(
                ReplyStreamSource.Actions(grant: { granted.append($0) }, cancel: { cancelled.append($0) }))
            source.whenItWaits { waits.increment() }
        }
    }

    private func number(_ number: Int) throws -> Payload { try Payload(json: "\(number)") }

    @Test func itemsComeInOrderAndEnd() async throws {
        let source = ReplyStreamSource(window: 8)
        for item in 1...3 { source.yield(try number(item)) }
        source.finish(nil)
        for item in 1...3 { #expect(try await source.next() == number(item)) }
        #expect(try await source.next() == nil)
        #expect(try await source.next() == nil)
    }

    @Test func aReaderThatWaitsIsServed() async throws {
        let source = ReplyStreamSource(window: 8)
        let peer = Peer()
        peer.attach(to: source)
        let reader = Task { try await source.next() }
        try await peer.waits.eventually("the reader waits") { $0 == 1 }
        source.yield(try number(1))
        #expect(try await reader.value == number(1))
    }

    @Test func creditIsGrantedAsItemsAreTaken() async throws {
        let source = ReplyStreamSource(window: 4)
        let peer = Peer()
        peer.attach(to: source)
        for item in 1...4 { source.yield(try number(item)) }
        for _ in 1...3 { _ = try await source.next() }
        #expect(peer.granted.value == [2])
        _ = try await source.next()
        source.finish(nil)
        _ = try await source.next()
        #expect(peer.granted.value == [2])
    }

    /// A peer that waits for bytes gets them before the reader waits for it: the two would wait for each other.
    @Test func creditIsGrantedAsBytesAreTaken() async throws {
        let source = ReplyStreamSource(window: 64, windowBytes: 8)
        let peer = Peer()
        peer.attach(to: source)
        for item in 11...16 { source.yield(try number(item)) }
        for _ in 1...5 { _ = try await source.next() }
        #expect(peer.granted.value == [2, 2])
    }

    @Test func aPeerThatSendsMoreThanItWasGrantedEndsTheStream() async throws {
        let source = ReplyStreamSource(window: 2)
        let peer = Peer()
        peer.attach(to: source)
        for item in 1...3 { source.yield(try number(item)) }
        #expect(peer.cancelled.value == [true])
        let error = await #expect(throws: TransportError.self) { try await source.next() }
        #expect(error?.code == .overloaded)
    }

    @Test func anErrorComesAfterTheItemsBeforeIt() async throws {
        let source = ReplyStreamSource(window: 4)
        source.yield(try number(1))
        source.finish(.failure(TransportError("x", "y")))
        source.yield(try number(2))
        #expect(try await source.next() == number(1))
        await #expect(throws: TransportError("x", "y")) { try await source.next() }
    }

    @Test func aSingleReplyIsAStreamOfOne() async throws {
        let source = ReplyStreamSource(window: 4)
        source.finish(.success(try number(7)))
        #expect(try await source.next() == number(7))
        #expect(try await source.next() == nil)
    }

    @Test func lettingGoOfTheStreamCancelsItOnce() async throws {
        let source = ReplyStreamSource(window: 4)
        let peer = Peer()
        peer.attach(to: source)
        do {
            let stream = ReplyStream(source)
            source.yield(try number(1))
            for try await _ in stream { break }
        }
        #expect(peer.cancelled.value == [true])
        source.cancel()
        #expect(peer.cancelled.value == [true])
    }

    @Test func aPeerThatHasNotAnsweredIsNotTold() {
        let source = ReplyStreamSource(window: 4)
        let peer = Peer()
        peer.attach(to: source)
        _ = ReplyStream(source)
        #expect(peer.cancelled.value == [false])
    }

    /// The reader goes while the first item is on its way in: whoever brings it learns that the peer must be told.
    @Test func anItemForAReaderThatHasGoneIsRefused() throws {
        let source = ReplyStreamSource(window: 4)
        let (first, second) = (try number(1), try number(2))
        #expect(source.yield(first))
        source.cancel()
        #expect(!source.yield(second))
    }

    @Test func aStreamThatHasEndedIsNotCancelled() async throws {
        let source = ReplyStreamSource(window: 4)
        let peer = Peer()
        peer.attach(to: source)
        do {
            let stream = ReplyStream(source)
            source.finish(nil)
            for try await _ in stream {}
        }
        #expect(peer.cancelled.value == [])
    }

    @Test func cancellingTheReaderCancelsTheStream() async throws {
        let source = ReplyStreamSource(window: 4)
        let peer = Peer()
        peer.attach(to: source)
        let reader = Task { try await source.next() }
        try await peer.waits.eventually("the reader waits") { $0 == 1 }
        reader.cancel()
        let error = await #expect(throws: TransportError.self) { try await reader.value }
        #expect(error?.code == .cancelled && peer.cancelled.value == [false])
    }

    @Test func aSecondReaderIsRefused() async throws {
        let source = ReplyStreamSource(window: 4)
        let peer = Peer()
        peer.attach(to: source)
        let reader = Task { try await source.next() }
        try await peer.waits.eventually("the reader waits") { $0 == 1 }
        let error = await #expect(throws: TransportError.self) { try await source.next() }
        #expect(error?.code == .unsupported)
        source.finish(nil)
        #expect(try await reader.value == nil)
    }

    @Test func theTableHandsOnItemsAndTheEnd() async throws {
        let pending = PendingReplies(eventLoop: MultiThreadedEventLoopGroup.singleton.next(), limit: 10)
        let source = ReplyStreamSource(window: 4)
        let ticket = try pending.register(source)
        #expect(try pending.receive(.item(number(1)), id: ticket.id))
        #expect(pending.receive(.success(.null, hasPayload: false), id: ticket.id))
        #expect(try !pending.receive(.item(number(2)), id: ticket.id))
        #expect(try await source.next() == number(1))
        #expect(try await source.next() == nil)
        #expect(pending.count == 0)
    }

    /// However fast the items come, and whether or not the reader waits for one.
    @Test func aStreamEndsAtItsOwnDeadline() async throws {
        let loop = NIOAsyncTestingEventLoop()
        let pending = PendingReplies(eventLoop: loop, limit: 10)
        let cancelled = Watched(0)
        for isRead in [true, false] {
            let source = ReplyStreamSource(window: 4, patience: .hours(1), deadline: .now() - .seconds(1))
            let ticket = try pending.register(source)
            source.attach(ReplyStreamSource.Actions(grant: { _ in }, cancel: { _ in cancelled.increment() }))
            pending.receive(.item(try number(1)), id: ticket.id)
            if isRead { _ = try await source.next() }
            await loop.advanceTime(to: .now() + .seconds(1))
            let error = await #expect(throws: TransportError.self) {
                try await within(.seconds(10), "reading") { while try await source.next() != nil {} }
            }
            #expect(error?.code == .timeout && pending.count == 0)
        }
        #expect(cancelled.value == 2)
        await loop.shutdownGracefully()
    }

    /// A reader that always lags by one item holds what it has not read, nothing else.
    @Test func whatWasReadIsLetGoOf() async throws {
        let source = ReplyStreamSource(window: 8)
        var sent = ByteBuffer(string: "1")
        source.yield(Payload(trusted: sent))
        source.yield(try number(2))
        _ = try await source.next()
        #expect(sent.modifyIfUniquelyOwned { _ in true } == true)
        #expect(try await source.next() == number(2))
    }

    @Test func anItemThatDoesNotComeTimesOut() async throws {
        let pending = PendingReplies(eventLoop: MultiThreadedEventLoopGroup.singleton.next(), limit: 10)
        let source = ReplyStreamSource(window: 4, patience: .milliseconds(20))
        let ticket = try pending.register(source)
        pending.receive(.item(try number(1)), id: ticket.id)
        #expect(try await source.next() == number(1))
        let error = await #expect(throws: TransportError.self) { try await source.next() }
        #expect(error?.code == .timeout && pending.count == 0)
    }

    /// What has come in time stays, however long its reader is busy with it.
    @Test func aReaderThatIsBusyDoesNotTimeOut() async throws {
        let loop = NIOAsyncTestingEventLoop()
        let pending = PendingReplies(eventLoop: loop, limit: 10)
        // Over as soon as it begins: no test waits for it.
        let source = ReplyStreamSource(window: 4, patience: .seconds(-1))
        let ticket = try pending.register(source)
        source.whenItWaits {
            pending.noteWait(ticket.id)
            pending.receive(.item(Payload(trusted: ByteBuffer(string: "1"))), id: ticket.id)
        }
        #expect(try await source.next() == number(1))
        await loop.advanceTime(to: .now() + .seconds(1))
        pending.receive(.item(try number(2)), id: ticket.id)
        #expect(try await source.next() == number(2))
        await loop.shutdownGracefully()
    }
}
