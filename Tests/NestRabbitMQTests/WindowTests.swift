import Testing

@testable import NestRabbitMQ

struct ConfirmWindowTests {
    /// Whom it calls back; nil for a number that was never sent.
    private func settled(_ window: inout ConfirmWindow, _ number: UInt64, all: Bool = false) -> [UInt64]? {
        var ids: [UInt64] = []
        return window.settle(number, all: all) { ids.append($0) } ? ids : nil
    }

    @Test func oneByOneInAnyOrder() {
        var window = ConfirmWindow()
        for id in 101...103 as ClosedRange<UInt64> { window.append(id) }
        #expect(settled(&window, 2) == [102])
        #expect(window.count == 3)
        #expect(settled(&window, 1) == [101])
        #expect(window.count == 1)
        #expect(settled(&window, 3) == [103])
        #expect(window.count == 0)
    }

    @Test func allUpToANumber() {
        var window = ConfirmWindow()
        for id in 1...10 as ClosedRange<UInt64> { window.append(id) }
        #expect(settled(&window, 3) == [3])
        #expect(settled(&window, 7, all: true) == [1, 2, 4, 5, 6, 7])
        #expect(settled(&window, 0, all: true) == [8, 9, 10])
    }

    @Test func whatWasNeverSentIsKnownAsThat() {
        var window = ConfirmWindow()
        #expect(settled(&window, 1) == nil)
        window.append(7)
        #expect(settled(&window, 2) == nil)
        #expect(settled(&window, 1) == [7])
        #expect(settled(&window, 1) == [])
        #expect(settled(&window, 1, all: true) == [])
        #expect(settled(&window, 0, all: true) == [])
        #expect(settled(&window, .max, all: true) == nil)
    }

    @Test func whatNobodyAsksAfterIsCountedAllTheSame() {
        var window = ConfirmWindow()
        for id in [0, 8, 0, 9] as [UInt64] { window.append(id) }
        #expect(settled(&window, 1) == [])
        #expect(window.count == 3)
        #expect(settled(&window, 4, all: true) == [8, 9])
        #expect(window.count == 0)
    }

    @Test func aLostChannelNamesThoseThatWaited() {
        var window = ConfirmWindow()
        for id in 1...4 as ClosedRange<UInt64> { window.append(id) }
        _ = settled(&window, 2)
        #expect(window.removeAll() == [1, 3, 4])
        window.append(9)
        #expect(settled(&window, 1) == [9])
    }

    @Test func numbersGoOnForever() {
        var window = ConfirmWindow()
        for number in 1...10_000 as ClosedRange<UInt64> {
            window.append(number)
            if number % 100 == 0 { #expect(settled(&window, number, all: true)?.count == 100) }
        }
        #expect(window.count == 0)
    }
}

struct AckWindowTests {
    private struct Ack: Equatable {
        let number: UInt64
        let all: Bool
    }

    private func flushed(_ window: inout AckWindow) -> [Ack] {
        var acks: [Ack] = []
        window.flush { acks.append(Ack(number: $0, all: $1)) }
        return acks
    }

    private func window(_ count: UInt64) -> AckWindow {
        var window = AckWindow()
        for number in 1...count { window.begin(number) }
        return window
    }

    @Test func whatEndsInOrderIsAcknowledgedTogether() {
        var window = window(5)
        for number in [3, 1, 2] as [UInt64] { window.finish(number) }
        #expect(flushed(&window) == [Ack(number: 3, all: true)])
        window.finish(4)
        #expect(flushed(&window) == [Ack(number: 4, all: false)])
        #expect(flushed(&window) == [])
        #expect(window.openCount == 1)
    }

    @Test func oneThatTakesLongHoldsNobodyUp() {
        var window = window(4)
        window.finish(2)
        window.finish(4)
        #expect(flushed(&window) == [Ack(number: 2, all: false), Ack(number: 4, all: false)])
        // 4 was acknowledged before: the broker would not know it any more.
        window.finish(1)
        window.finish(3)
        #expect(flushed(&window) == [Ack(number: 3, all: true)])
    }

    @Test func whatWasGivenBackIsNotAcknowledged() {
        var window = window(3)
        let isGivenBack = [window.giveBack(3), window.giveBack(3)]
        #expect(isGivenBack == [true, false])
        window.finish(1)
        window.finish(2)
        window.finish(3)
        #expect(flushed(&window) == [Ack(number: 2, all: true)])
        let isGivenBackAfterwards = window.giveBack(1)
        #expect(!isGivenBackAfterwards)
    }

    @Test func everyDeliveryOnce() {
        var window = AckWindow()
        var open = Set<UInt64>()
        var generator = SystemRandomNumberGenerator()
        var last: UInt64 = 0
        for _ in 0..<5_000 {
            if Bool.random(using: &generator) {
                last += 1
                window.begin(last)
                open.insert(last)
            } else if let number = open.randomElement() {
                window.finish(number)
                open.remove(number)
            }
            // As the broker sees it: `all` takes everything open up to a number that must be open itself.
            for ack in flushed(&window) where ack.all { #expect(open.allSatisfy { $0 > ack.number }) }
        }
        #expect(window.openCount == open.count)
    }
}
