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
        _ = state.headCame(closes: false, now: start)
        return state
    }

    @Test("a connection without a request is closed, one with half a head is told so")
    func beforeRequests() {
        var state = ConnectionState(timeouts: timeouts, now: start)
        let early = (state.due(now: at(59)), state.due(now: at(60)))
        #expect(state.deadline == at(60) && early == (.nothing, .close))
        let (first, second) = (state.bytesCame(now: at(5)), state.bytesCame(now: at(6)))
        #expect(first && !second)
        let late = state.due(now: at(15))
        #expect(state.deadline == at(15) && late == .giveUp(status: 408))
    }

    @Test("a late answer is 504, or 408 while somebody waits for the request's own body")
    func lateAnswers() {
        var state = busy()
        let unwanted = state.due(now: at(30))
        state.awaits(true, now: at(1))
        let awaited = state.due(now: at(30))
        _ = state.headCame(closes: false, now: at(2))
        let notItsOwn = state.due(now: at(30))
        #expect(unwanted == .giveUp(status: 504) && awaited == .giveUp(status: 408))
        #expect(notItsOwn == .giveUp(status: 504))
        state.requestEnded(now: at(3))
        let early = state.due(now: at(29))
        state.limitAnswer(to: nil, now: at(3))
        #expect(early == .nothing && state.deadline == nil)
    }

    @Test("an answer that has begun may go on, as long as the peer reads")
    func streaming() {
        var state = busy()
        state.requestEnded(now: start)
        let isLast = state.answerBegan(closes: false, rest: 0, now: at(1))
        #expect(!isLast && state.deadline == nil)
        state.streams(keepAlive: .seconds(15), now: at(2))
        let quiet = state.due(now: at(17))
        #expect(quiet == .keepAlive)
        state.wrote(0, now: at(17))
        #expect(state.deadline == at(32))
        state.fellBehind(waiting: 100, now: at(20))
        state.wrote(0, now: at(79))
        let steady = state.due(now: at(40), waiting: 99)
        let slow = (state.due(now: at(99), waiting: 99), state.due(now: at(100), waiting: 99))
        #expect(steady == .nothing && slow == (.keepAlive, .close))
    }

    @Test("pipelined requests share a connection: the last of them says goodbye, later ones are not served")
    func pipelining() {
        var state = busy()
        state.requestEnded(now: start)
        _ = state.headCame(closes: false, now: at(1))
        state.requestEnded(now: at(1))
        state.drain()
        let isTaken = state.headCame(closes: false, now: at(1))
        #expect(!isTaken && state.isIgnoring && !state.isFinished)
        let first = state.answerBegan(closes: false, rest: 0, now: at(2))
        state.answerEnded(now: at(3))
        #expect(!first && state.deadline == nil)
        state.flushed(now: at(9))
        #expect(state.deadline == at(39) && !state.isFinished)
        let second = state.answerBegan(closes: false, rest: 0, now: at(10))
        state.answerEnded(now: at(10))
        #expect(second && !state.isFinished)
        state.flushed(now: at(11))
        #expect(state.isFinished)
    }

    @Test("clocks of what comes next run when the peer has its answer")
    func flushing() {
        var state = busy()
        state.requestEnded(now: start)
        _ = state.answerBegan(closes: false, rest: 0, now: start)
        state.answerEnded(now: start)
        state.fellBehind(waiting: 10, now: start)
        let steps = (1...9).map { state.due(now: at(Int64($0) * 50), waiting: 10 - $0) }
        #expect(steps.allSatisfy { $0 == .nothing })
        state.flushed(now: at(460))
        #expect(state.phase == .idle(since: at(460)) && state.deadline == at(520))
    }

    @Test("a body that nobody wants is read when it is short, and not for ever")
    func unwantedBodies() {
        var state = busy()
        let short = state.answerBegan(closes: false, rest: 100, now: at(1))
        state.answerEnded(now: at(1))
        state.flushed(now: at(1))
        let isEnough = state.discard(100)
        state.bodyCame(now: at(60))
        let late = state.due(now: at(61))
        #expect(!short && late == .close && !isEnough)
        state.requestEnded(now: at(2))
        #expect(state.phase == .idle(since: at(2)) && !state.isFinished)
        state = busy()
        let long = state.answerBegan(closes: false, rest: nil, now: at(1))
        state.answerEnded(now: at(1))
        state.linger(now: at(1))
        let (isTooMuch, end) = (state.discard(17 << 20), state.due(now: at(3)))
        #expect(long && end == .close && isTooMuch)
    }
}
