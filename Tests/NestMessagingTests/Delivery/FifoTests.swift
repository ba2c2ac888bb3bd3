import Testing

@testable import NestMessaging

@Suite struct FifoTests {
    private final class Token: Sendable {}

    @Test func whatIsTakenIsLetGoOf() {
        var fifo = Fifo<Token>()
        weak var first: Token?
        do {
            let token = Token()
            first = token
            fifo.append(token)
        }
        fifo.append(Token())
        _ = fifo.popFirst()
        #expect(first == nil && fifo.count == 1)
    }

    @Test func orderIsKeptOverManyTurns() {
        var fifo = Fifo<Int>()
        var (written, read) = (0, 0)
        for _ in 0..<1_000 {
            for _ in 0..<3 {
                fifo.append(written)
                written += 1
            }
            for _ in 0..<(fifo.count > 40 ? 4 : 2) {
                #expect(fifo.popFirst() == read)
                read += 1
            }
        }
        #expect(fifo.removeAll() == Array(read..<written) && fifo.isEmpty)
    }

    @Test func elementsAreTakenFromTheMiddleAndPutBack() {
        var fifo = Fifo<Int>()
        for number in 1...4 { fifo.append(number) }
        #expect(fifo.takeFirst { $0 % 2 == 0 } == 2)
        #expect(fifo.popFirst() == 1)
        fifo.prepend(0)
        #expect(fifo.removeAll() == [0, 3, 4])
    }
}
