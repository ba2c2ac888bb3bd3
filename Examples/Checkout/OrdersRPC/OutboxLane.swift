import CheckoutContracts
import Nest
import ServiceLifecycle

/// Carries events from the outbox to one listener until it has confirmed them, the oldest first.
///
/// A crash between the confirmation and ``Outbox/remove(_:)`` tells an event twice; listeners know it by its id.
struct OutboxLane: Sendable {
    /// Told at the same time; what comes behind them waits.
    private static let batch = 64
    private static let pauses: [Duration] = [.milliseconds(50), .milliseconds(200), .milliseconds(500), .seconds(1)]
    private static let logger = Logger(label: "checkout.outbox")

    let listener: Outbox.Listener
    let client: ClientProxy
    let outbox: Outbox

    /// Until graceful shutdown, and then once more: what the last requests have left is told before the end.
    func run() async {
        for await _ in outbox.rings(for: listener).cancelOnGracefulShutdown() { await carryAll() }
        do {
            while try await carry() > 0 {}
        } catch {
            log(.notice, "left for the next start", error)
        }
    }

    /// Comes back when the outbox is empty, or when the service ends.
    private func carryAll() async {
        var failures = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                guard try await carry() > 0 else { return }
                failures = 0
            } catch {
                if failures == 0 { log(.warning, "cannot tell yet, trying again", error) }
                let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
                failures += 1
            }
        }
    }

    /// Carries the oldest events and returns how many there were. Throws when one of them has to be told again.
    func carry() async throws -> Int {
        let items = try await outbox.next(Self.batch, for: listener)
        var told: [Int] = []
        var failure: TransportError?
        for (id, error) in await tell(items) {
            switch error {
            case nil: told.append(id)
            case let error? where error.isFinal:
                log(.error, "refused, set aside", error)
                try await outbox.set(aside: id, because: error.message)
            case let error?: failure = error
            }
        }
        if !told.isEmpty { try await outbox.remove(told) }
        if let failure { throw failure }
        return items.count
    }

    /// What became of each, by its number in the outbox; nil: the listener has it.
    private func tell(_ items: [Outbox.Item]) async -> [Int: TransportError?] {
        await withTaskGroup { group in
            for item in items { group.addTask { (item.id, await tell(item.event)) } }
            return await group.reduce(into: [:]) { $0.updateValue($1.1, forKey: $1.0) }
        }
    }

    /// A broker that keeps events confirms them itself; elsewhere the listener does, by answering.
    private func tell(_ event: OrderCreated) async -> TransportError? {
        do throws(TransportError) {
            if client.guarantees.contains(.durable) {
                // One after another, where the broker keeps the order of a key.
                try await client.emit(event, options: CallOptions(key: String(event.order.id)))
            } else {
                try await client.send(OrderCreated.pattern, event)
            }
            return nil
        } catch {
            return error
        }
    }

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ error: any Error) {
        Self.logger.log(level: level, message, metadata: ["listener": "\(listener)", "error": "\(error)"])
    }
}

extension TransportError {
    /// The listener has understood the event and does not want it: to tell it again changes nothing.
    fileprivate var isFinal: Bool {
        if code == .invalidMessage { return true }
        return (400..<500).contains(httpStatus) && ![408, 429].contains(httpStatus)
    }
}
