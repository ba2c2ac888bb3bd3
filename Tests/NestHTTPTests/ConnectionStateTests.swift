import NIOCore
import Testing

@testable import NestHTTP

@Suite("Connection state") struct ConnectionStateTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let timeouts = ConnectionTimeouts(idle: .seconds(60), header: .seconds(10), request: .seconds(30))

    private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    private func busy() -> ConnectionState {
        var state = ConnectionState(timeouts: timeouts, now: start)
        _ = state.bytesCame(now: start)
        state.headCame(closes: false, now: start)
        return state
    }

    @Test("a connection without a request is closed, one with half a head is told so")
    func beforeRequests() {
        var state = ConnectionState(timeouts: timeouts, now: start)
        #expect(state.deadline == at(60) && state.due(now: at(59)) == .nothing && state.due(now: at(60)) == .close)
        let (first, second) = (state.bytesCame(now: at(5)), state.bytesCame(now: at(6)))
        #expect(first && !second)
        #expect(state.deadline == at(15) && state.due(now: at(15)) == .giveUp(status: 408))
    }

    @Test("a late answer is 504, or 408 while the request's own body is coming")
    func lateAnswers() {
        var state = busy()
        #expect(state.due(now: at(30)) == .giveUp(status: 408))
        state.requestEnded()
        #expect(state.due(now: at(29)) == .nothing && state.due(now: at(30)) == .giveUp(status: 504))
        state.limitAnswer(to: nil)
        #expect(state.deadline == nil)
    }

    @Test("an answer that has begun may go on, as long as the peer reads")
    func streaming() {
        var state = busy()
        state.requestEnded()
        let isLast = state.answerBegan(closes: false, rest: 0, now: at(1))
        #expect(!isLast && state.deadline == nil)
        state.streams(keepAlive: .seconds(15), now: at(2))
        #expect(state.due(now: at(17)) == .keepAlive)
        state.wrote(now: at(17))
        #expect(state.deadline == at(32))
        state.writability(false, now: at(20))
        #expect(state.due(now: at(80)) == .close)
    }

    @Test("pipelined requests share a connection: the last of them says goodbye")
    func pipelining() {
        var state = busy()
        state.requestEnded()
        state.headCame(closes: false, now: at(1))
        state.requestEnded()
        let isIdle = state.drain()
        let first = (state.answerBegan(closes: false, rest: 0, now: at(2)), state.answerEnded(now: at(3)))
        #expect(!isIdle && first == (false, false) && state.deadline == at(33))
        let second = (state.answerBegan(closes: false, rest: 0, now: at(4)), state.answerEnded(now: at(4)))
        #expect(second == (true, true))
    }

    @Test("a body that nobody wants is read when it is short")
    func unwantedBodies() {
        var state = busy()
        let short = (state.answerBegan(closes: false, rest: 100, now: at(1)), state.answerEnded(now: at(1)))
        let isEnough = state.discard(100)
        #expect(short == (false, false) && state.phase == .busy && !isEnough)
        state.requestEnded()
        state.becameIdle(now: at(2))
        let isIdle = state.drain()
        #expect(state.phase == .idle(since: at(2)) && isIdle)
        state = busy()
        let long = (state.answerBegan(closes: false, rest: nil, now: at(1)), state.answerEnded(now: at(1)))
        state.linger(now: at(1))
        let isTooMuch = state.discard(17 << 20)
        #expect(long == (true, true) && state.due(now: at(3)) == .close && isTooMuch)
    }
}
