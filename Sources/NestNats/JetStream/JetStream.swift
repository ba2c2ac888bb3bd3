import CNats
import Logging
import NIOCore

/// The stream of a configuration, as seen over one connection: looks after the stream and its consumers.
struct JetStream: Sendable {
    let options: JetStreamOptions
    let subjects: NatsSubjects
    let connection: NatsConnection
    let timeout: Duration

    private static let api = "$JS.API"

    /// Subjects the stream is to keep.
    var streamSubjects: [String] { options.subjects.map { subjects.subject(of: Pattern($0)) } }

    // MARK: Streams

    /// Finds the stream, or makes it. Returns what an existing one has otherwise than the options say.
    func provide() async throws(TransportError) -> [String] {
        let wanted = JetStreamWire.StreamConfig(
            name: options.stream, subjects: streamSubjects, retention: options.retention.rawValue,
            storage: options.storage.rawValue, num_replicas: options.replicas,
            max_age: options.maxAge?.nanoseconds ?? 0, max_bytes: options.maxBytes ?? -1,
            duplicate_window: options.duplicateWindow.nanoseconds, discard: "old")
        return try await provide(wanted)
    }

    /// Finds the stream for dead letters, or makes it.
    func provideDeadLetters() async throws(TransportError) {
        let wanted = JetStreamWire.StreamConfig(
            name: options.deadStream, subjects: ["\(JetStreamOptions.deadRoot).\(options.stream).>"],
            retention: "limits", storage: options.storage.rawValue, num_replicas: options.replicas, max_age: 0,
            max_bytes: -1)
        _ = try await provide(wanted)
    }

    private func provide(_ wanted: JetStreamWire.StreamConfig) async throws(TransportError) -> [String] {
        if let found = try await stream(wanted.name) { return found.config.differences(from: wanted) }
        guard options.createsStream else {
            throw TransportError(.invalidConfiguration, "JetStream has no stream `\(wanted.name)`")
        }
        do throws(TransportError) {
            _ = try await ask(
                "STREAM.CREATE.\(wanted.name)", wanted, for: JetStreamWire.StreamInfo.self)
        } catch {
            // Another instance may have been faster.
            guard error.code == .invalidConfiguration, let found = try await stream(wanted.name) else { throw error }
            return found.config.differences(from: wanted)
        }
        return []
    }

    /// A stream as it is; nil when there is none of that name.
    func stream(_ name: String) async throws(TransportError) -> JetStreamWire.StreamInfo? {
        do throws(TransportError) {
            return try await ask("STREAM.INFO.\(name)", nil as Bool?, for: JetStreamWire.StreamInfo.self)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    // MARK: Consumers

    /// Finds the consumer of a group, or makes it, so that it delivers at least the wanted events. Returns what it
    /// delivers.
    func provideConsumer(_ group: String, _ wanted: ConsumerFilter) async throws(TransportError) -> ConsumerFilter {
        guard let found = try await consumer(group) else { return try await makeConsumer(group, wanted) }
        let current = ConsumerFilter(found.config)
        if current.covers(wanted) { return current }
        return try await widenConsumer(group, current, wanted)
    }

    /// Handlers were added. The rest of the configuration stays as it is.
    private func widenConsumer(
        _ group: String, _ current: ConsumerFilter, _ wanted: ConsumerFilter
    ) async throws(TransportError) -> ConsumerFilter {
        let configs = try await ask(
            "CONSUMER.INFO.\(options.stream).\(group)", nil as Bool?, for: JetStreamWire.ConsumerConfigs.self)
        let info: JetStreamWire.ConsumerInfo
        do throws(TransportError) {
            info = try await ask(
                "CONSUMER.DURABLE.CREATE.\(options.stream).\(group)",
                JetStreamWire.ConsumerUpdate(
                    stream_name: options.stream, config: current.widened(by: wanted).set(in: configs.config)),
                for: JetStreamWire.ConsumerInfo.self)
        } catch {
            throw TransportError(
                .invalidConfiguration,
                "consumer `\(group)` of stream `\(options.stream)` delivers \(current), handlers want \(wanted): "
                    + error.message)
        }
        let now = ConsumerFilter(info.config)
        guard now.covers(wanted) else {
            throw TransportError(
                .invalidConfiguration,
                "consumer `\(group)` of stream `\(options.stream)` delivers \(now), handlers want \(wanted)")
        }
        return now
    }

    private func makeConsumer(
        _ group: String, _ wanted: ConsumerFilter
    ) async throws(TransportError) -> ConsumerFilter {
        var config = JetStreamWire.ConsumerConfig(
            durable_name: group, deliver_policy: "new", ack_wait: options.ackWait.nanoseconds)
        switch options.start {
        case .new: break
        case .beginning: config.deliver_policy = "all"
        case .sequence(let number):
            config.deliver_policy = "by_start_sequence"
            config.opt_start_seq = number
        case .time(let time):
            config.deliver_policy = "by_start_time"
            config.opt_start_time = time
        }
        config.filter_subject = wanted.filters.filter_subject
        config.filter_subjects = wanted.filters.filter_subjects
        let info = try await ask(
            "CONSUMER.DURABLE.CREATE.\(options.stream).\(group)",
            JetStreamWire.ConsumerRequest(stream_name: options.stream, config: config),
            for: JetStreamWire.ConsumerInfo.self)
        return ConsumerFilter(info.config)
    }

    /// A group's consumer as it is; nil when the stream does not know the group.
    func consumer(_ group: String) async throws(TransportError) -> JetStreamWire.ConsumerInfo? {
        do throws(TransportError) {
            return try await ask(
                "CONSUMER.INFO.\(options.stream).\(group)", nil as Bool?, for: JetStreamWire.ConsumerInfo.self)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Where a group asks for its next events.
    func pullSubject(of group: String) -> String { "\(Self.api).CONSUMER.MSG.NEXT.\(options.stream).\(group)" }
}

// MARK: - Asking

extension TransportError.Code {
    /// JetStream has no such stream, consumer or message.
    static let notFound: Self = "not_found"
}

extension JetStream {
    /// Sends a request to JetStream and decodes its answer.
    func ask<Answer: Decodable & Sendable>(
        _ what: String, _ body: (some Encodable & Sendable)?, for type: Answer.Type
    ) async throws(TransportError) -> Answer {
        let bytes: ByteBuffer
        do {
            bytes = try body.map { try Payload(encoding: $0).buffer } ?? ByteBuffer()
        } catch {
            throw TransportError(.internal, "a JetStream request cannot be encoded", cause: error)
        }
        let subject = "\(Self.api).\(what)"
        let answer: Payload
        do throws(TransportError) {
            answer = try Payload(json: await connection.exchange(bytes, to: subject, within: timeout))
        } catch {
            guard error.code == .noResponders else { throw error }
            throw TransportError(.disconnected, "the NATS server has no JetStream, or its leader is gone (\(subject))")
        }
        do {
            if let error = try answer.decode(JetStreamWire.Problem.self).error { throw Self.error(error, what) }
            return try answer.decode(type)
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(.invalidMessage, "JetStream's answer to \(what) is not understood", cause: error)
        }
    }

    private static func error(_ failure: JetStreamWire.Failure, _ what: String) -> TransportError {
        let text = "JetStream refuses \(what): \(failure.description ?? "no reason given")"
        // A cluster that is coming up: its servers have not all met.
        if failure.err_code == JetStreamWire.Failure.noPeers { return TransportError(.disconnected, text) }
        switch failure.code {
        case 404: return TransportError(.notFound, text)
        case 503: return TransportError(.disconnected, text)
        default: return TransportError(.invalidConfiguration, text)
        }
    }
}

extension JetStreamWire.StreamConfig {
    /// What this one has otherwise than `wanted`, for people.
    fileprivate func differences(from wanted: Self) -> [String] {
        var found: [String] = []
        func compare(_ name: String, _ is: String, _ should: String) {
            if `is` != should { found.append("\(name) is \(`is`), not \(should)") }
        }
        compare(
            "subjects", (subjects ?? []).sorted().joined(separator: " "),
            (wanted.subjects ?? []).sorted().joined(separator: " "))
        compare("retention", retention, wanted.retention)
        compare("storage", storage, wanted.storage)
        compare("num_replicas", "\(num_replicas)", "\(wanted.num_replicas)")
        compare("max_age", "\(max_age)", "\(wanted.max_age)")
        if let limit = wanted.max_bytes { compare("max_bytes", "\(max_bytes ?? -1)", "\(limit)") }
        if let window = wanted.duplicate_window { compare("duplicate_window", "\(duplicate_window ?? 0)", "\(window)") }
        return found
    }
}
