import NIOCore

/// The list that a client's answers wait in, and how it is read: what has been taken is let go of with the next question,
/// so an answer that is lost with its connection is read again over the next one. Who has an answer already ignores it.
///
/// `@unchecked Sendable`: everything but its name is touched on the loop of its connections only.
final class RedisReplyList: @unchecked Sendable {
    /// Answers read at once.
    private static let batch = 128

    let key: String
    private let options: RedisOptions
    private let expiry: String
    private let loop: any EventLoop
    private let receive: @Sendable (RedisReply) -> Void
    private let refused: @Sendable (RedisError) -> Void
    private var reading = RedisReading()
    /// How many at the head of the list are taken.
    private var taken = 0
    /// Whether the question that is out has found the list's first element.
    private var first: RedisReply?

    /// A list that is not read yet. `receive` gets each answer, `refused` what Redis complains about.
    init(
        _ key: String, expiry: Duration, _ options: RedisOptions, loop: any EventLoop,
        refused: @escaping @Sendable (RedisError) -> Void, receive: @escaping @Sendable (RedisReply) -> Void
    ) {
        self.key = key
        self.options = options
        self.expiry = String(Int64(expiry / .milliseconds(1)))
        self.loop = loop
        self.refused = refused
        self.receive = receive
    }

    /// Throws when it may not be read.
    func prepare(_ session: RedisSession) async throws(TransportError) {
        let time = options.connectTimeout
        _ = try await session.commands.ask(wait(seconds: 0.001), "reading `\(key)`", within: time)
    }

    /// Reads over this session from now on, or from when what was asked for over another one has come.
    func begin(_ session: RedisSession) {
        guard let reader = session.readers.first else { return }
        loop.execute {
            self.reading.begin(reader)
            self.ask()
        }
    }

    /// Its first element, which stays where it is; waits for it.
    private func wait(seconds: Double) -> [String] { ["BLMOVE", key, key, "LEFT", "LEFT", String(seconds)] }

    private func ask() {
        guard let reader = reading.ask() else { return }
        if taken > 0 { reader.send(["LTRIM", key, String(taken), "-1"]) }
        taken = 0
        let seconds = max(0.01, Double(options.blockMilliseconds) / 1_000)
        reader.send(wait(seconds: seconds), .reply { [weak self] in self?.cameFirst($0) })
        // As long as somebody reads nothing is let go of: it could be what the next question takes for read.
        reader.send(["PEXPIRE", key, expiry], .reply { _ in })
        reader.send(["LRANGE", key, "1", String(Self.batch - 1)], .reply { [weak self] in self?.came($0) })
    }

    private func cameFirst(_ result: Result<RedisReply, TransportError>) {
        guard case .success(let reply) = result else { return }
        first = reply
    }

    /// The rest; or there is no first one, and they come with the next question.
    private func came(_ result: Result<RedisReply, TransportError>) {
        let first = first
        self.first = nil
        let hasOther = reading.came()
        guard let first, case .success(let rest) = result else {
            if hasOther { ask() }
            return
        }
        if let error = first.error ?? rest.error { return pause(error) }
        if first.head.kind == .text {
            let answers = [first] + rest.elements
            // The connection that was asked has them at its head; another one finds them there again.
            taken = hasOther ? 0 : answers.count
            for answer in answers { receive(answer) }
        }
        ask()
    }

    /// An error would come again at once.
    private func pause(_ error: RedisError) {
        refused(error)
        reading.rest()
        _ = loop.scheduleTask(in: .seconds(1)) { [weak self] in
            self?.reading.came()
            self?.ask()
        }
    }

    /// The connections are gone: what was taken may be there still.
    func lost() {
        loop.execute {
            self.reading.lost()
            self.taken = 0
        }
    }
}
