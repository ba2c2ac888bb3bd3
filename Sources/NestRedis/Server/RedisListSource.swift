import Logging
import NIOCore

/// One list, read by one of many consumers: the requests of a queue, or the events of a group.
///
/// What is taken moves into a list of our own, and leaves it when it is done. Whoever finds us dead takes over that
/// list; while something rests before another try it stands there with the number of its tries.
///
/// Touched on the intake's loop only.
final class RedisListSource: RedisSource, @unchecked Sendable {
    typealias Held = HeldDelivery<RedisDelivery>

    let key: String
    let number: UInt8
    /// The group whose events they are; nil for requests.
    let group: String?
    /// Our name among the list's consumers, and our own list.
    let consumer: String
    let work: String
    unowned let intake: RedisIntake

    var session: RedisSession?
    var reading = RedisReading()
    var isStopped = false
    var isLooking = false
    /// Before anything is asked for, our list is looked at once more.
    var recollectsNext = false
    private var last: UInt64 = 0
    /// Elements as Redis has them, when their tries have changed.
    var rewritten: [RedisDelivery.ID: (element: ByteBuffer, attempt: Int)] = [:]
    /// What Redis was told and has not confirmed, or could not be told: it hears it over the next connection.
    var untold: [[ByteBuffer]] = []

    init(key: String, number: UInt8, group: String?, _ intake: RedisIntake) {
        self.key = key
        self.number = number
        self.group = group
        self.intake = intake
        consumer = UniqueName.new()
        work = intake.keys.work(consumer)
    }
}

// MARK: - Its connection

extension RedisListSource {
    var isAsking: Bool { reading.isAsking }

    /// The group is known before the service is ready: what is emitted from then on reaches it.
    func prepare(_ session: RedisSession, isAgain: Bool) async throws(TransportError) {
        let time = intake.options.connectTimeout
        _ = try await session.commands.ask(breath.command, "registering at `\(key)`", within: time)
        // Who may not read is told now, instead of being ready for nothing: our own list, onto itself.
        _ = try await session.commands.ask(
            ["BLMOVE", work, work, "RIGHT", "RIGHT", "0.001"], "reading `\(key)`", within: time)
    }

    func begin(_ session: RedisSession, _ reader: RedisSession.Reader) {
        let takesOver = self.session != nil
        self.session = session
        reading.begin(reader)
        let all = untold
        untold = []
        for command in all { say(command) }
        // What another connection brings is still coming over it.
        if !takesOver {
            recollect()
            recollectLater()
        }
        look()
    }

    func lost() {
        session = nil
        reading.lost()
        isLooking = false
    }

    /// What was asked for is taken back: Redis answers at once with nothing.
    func stop() {
        isStopped = true
        guard isAsking, let session, let number = reading.reader?.number else { return }
        // Who may not do that waits until it has come.
        session.commands.send(["CLIENT", "UNBLOCK", String(number)], .reply { _ in })
    }

    func leave() {
        guard let commands = session?.commands else { return }
        let keys = [intake.keys.consumers(of: key), work, intake.keys.alive(consumer)]
        RedisScript.leave.with(keys, [consumer, isAsking ? "1" : "0"]).send(over: commands)
    }

    var breath: RedisScript {
        let keys = [intake.keys.consumers(of: key), intake.keys.alive(consumer), intake.keys.gone(from: key)]
        let time = String(Int64(intake.options.claimAfter / .milliseconds(1)))
        guard let group else { return RedisScript.breathe.with(keys, [consumer, time]) }
        return RedisScript.breathe.with(keys + [intake.keys.groups], [consumer, time, group])
    }
}

// MARK: - Reading

extension RedisListSource {
    /// Waits for one element; when it has come, takes as many as there are places in one go.
    func ask() {
        guard !isAsking, !isStopped else { return }
        // What is being taken over is in our list before we hear of it, and would be taken twice.
        if recollectsNext, !isLooking { return recollect() }
        guard intake.room > 0, let reader = reading.ask() else { return }
        let seconds = max(0.01, Double(intake.options.blockMilliseconds) / 1_000)
        let command = ["BLMOVE", key, work, "RIGHT", "LEFT", String(seconds)]
        reader.send(command, .reply { [weak self, weak reader] in self?.cameFirst($0, over: reader) })
    }

    private func cameFirst(_ result: Result<RedisReply, TransportError>, over reader: RedisConnection?) {
        guard take(result), let reader else { return came(result) }
        let count = min(intake.room, intake.options.batch - 1)
        guard count > 0, !isStopped else { return came(result) }
        RedisScript.take.with([key, work], [String(count)]).send(
            over: reader, .reply { [weak self] in self?.cameRest($0) })
        intake.takeAll()
    }

    private func cameRest(_ result: Result<RedisReply, TransportError>) {
        if case .success(let reply) = result {
            for element in reply.elements { take(element.head.range, of: element.bytes, isInherited: false) }
        }
        came(result)
    }

    /// All that was asked for has come.
    private func came(_ result: Result<RedisReply, TransportError>) {
        if case .success(let reply) = result, let error = reply.error { return refused(error) }
        let hasOther = reading.came()
        if case .success = result { intake.takeAll() } else if hasOther { ask() }
    }

    /// A server that is to be left has been left; anything else would come again at once.
    private func refused(_ error: RedisError) {
        intake.trouble.note(error)
        reading.rest()
        _ = intake.state.timers.scheduleTask(in: .seconds(1)) { [weak self] in
            self?.reading.came()
            self?.ask()
        }
    }

    /// False when nothing has come.
    private func take(_ result: Result<RedisReply, TransportError>) -> Bool {
        guard case .success(let reply) = result, reply.head.kind == .text else { return false }
        take(reply.head.range, of: reply.bytes, isInherited: false)
        return true
    }

    func take(_ range: ByteRange, of bytes: ByteBuffer, isInherited: Bool) {
        guard let element = bytes.getSlice(at: range.start, length: Int(range.length)) else { return }
        last += 1
        let id = RedisDelivery.ID(source: number, milliseconds: 0, sequence: last)
        guard range.length <= intake.options.maxMessageBytes else { return refuse(element, id, intake.tooLarge) }
        do throws(EnvelopeError) {
            guard case .message(var message) = try intake.codec.readRequest(bytes, in: range) else {
                return refuse(element, id, "a word about a stream is no element")
            }
            let headers = message.headers
            message.setDeadline(headers, session?.clock ?? RedisClock(), intake.options.requestExpiry)
            if group != nil { (message.kind, message.audience) = (.emit, .group) }
            let delivery = RedisDelivery(
                self, id: id, deliveries: message.attempt, key: headers[HeaderName.key], element: element)
            guard isForUs(message, headers) else { return acknowledge(delivery) }
            if isInherited {
                message.attempt += 1
                store(HeldDelivery(message, delivery), attempt: message.attempt)
            }
            intake.take(message, delivery)
        } catch {
            refuse(element, id, error.reason)
        }
    }

    private func isForUs(_ message: IncomingMessage, _ headers: MessageHeaders) -> Bool {
        guard let group else { return true }
        if let only = headers[RedisHeader.onlyGroup], only != group { return false }
        return intake.plan.shared.covers(message)
    }

    private func refuse(_ element: ByteBuffer, _ id: RedisDelivery.ID, _ reason: String) {
        let message = IncomingMessage(kind: .emit, pattern: "", payload: .null, headers: [:])
        let delivery = RedisDelivery(
            self, id: id, deliveries: 1, key: nil, element: element, fields: [(RedisField.message, element)])
        intake.take(message, delivery, fault: reason)
    }
}
