import NIOCore

/// How much of a handler's stream is put together for a caller that did not ask for a stream.
package enum CollectLimits {
    static let items = 10_000
    static let bytes = 4 << 20
    /// For a caller that did not say how long it waits.
    static let time = TimeAmount.seconds(30)
}

extension MessageDispatcher {
    /// Collects a handler's stream for a caller that did not ask for one.
    ///
    /// At the message's deadline, or after ``CollectLimits/time`` when it has none, the sequence is cancelled and the
    /// answer is `timeout`. The answer waits for the sequence to heed that: one that ignores cancellation and never ends
    /// cannot be helped, and holds its message's place.
    package func collect(_ stream: PayloadStream, for message: IncomingMessage) async -> Outcome {
        await collect(stream, for: message, patience: CollectLimits.time)
    }

    func collect(_ stream: PayloadStream, for message: IncomingMessage, patience: TimeAmount) async -> Outcome {
        streamBegins()
        do {
            let payload = try await Self.collect(stream, until: message.deadline ?? .now() + patience)
            streamEnds(.succeeded, for: message)
            return .reply(.success(payload))
        } catch {
            streamEnds(.failed, for: message)
            return collectFailure(error, for: message)
        }
    }

    /// The first child to end decides; the other is cancelled.
    private static func collect(_ stream: PayloadStream, until deadline: NIODeadline) async throws -> Payload {
        try await withThrowingTaskGroup(of: Payload.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await stream.collect(maxItems: CollectLimits.items, maxBytes: CollectLimits.bytes)
            }
            group.addTask {
                try await Task.sleep(for: .nanoseconds(max(0, (deadline - .now()).nanoseconds)))
                throw TransportError(.timeout, "the handler's stream did not end in time")
            }
            guard let payload = try await group.next() else { throw CancellationError() }
            return payload
        }
    }
}
