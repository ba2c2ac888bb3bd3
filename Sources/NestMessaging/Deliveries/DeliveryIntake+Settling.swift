import Logging
import NIOCore

/// What becomes of a delivery.
extension DeliveryIntake {
    @inlinable
    package func replied(to message: IncomingMessage) {
        guard message.metadata != nil, let delivery = delivery(of: message) else { return }
        settle(.done, message, delivery)
    }

    @inlinable
    package func carryOut(_ outcome: Outcome, _ message: IncomingMessage) {
        if message.metadata != nil, let delivery = delivery(of: message) { return settle(outcome, message, delivery) }
        switch outcome {
        case .reply(let response): write(.reply(response), to: message, stream: nil)
        case .replyAndDeadLetter(let response, let letter):
            write(.reply(response), to: message, stream: nil)
            keep(letter, of: message)
        case .done, .retry, .deadLetter, .stream: return
        }
    }

    /// Carries out what a delivery came to; one that was settled or given back meanwhile is left alone.
    @inlinable
    package func settle(_ outcome: Outcome, _ message: IncomingMessage, _ delivery: Delivery) {
        guard let held = deliveries.held(delivery) else { return }
        switch held.stage {
        case .here: break
        case .withdrawn:
            if let response = outcome.response { write(.reply(response), to: message, stream: nil) }
            return deliveries.forget(held)
        case .resting, .leaving, .pausing: return
        }
        if let response = outcome.response { write(.reply(response), to: message, stream: nil) }
        switch outcome {
        case .done, .reply, .stream: end(held, as: .handled)
        case .retry(let delay, _): retry(held, delay)
        case .deadLetter(let letter), .replyAndDeadLetter(_, let letter): send(letter, of: held, failures: 0)
        }
    }

    @inlinable
    func end(_ held: Held, as end: DeliveryEnd) {
        deliveries.forget(held)
        acknowledge(held.delivery, held.message, as: end)
    }

    /// A delivered request is given back, and its caller waits for another instance.
    package func giveUp(_ message: IncomingMessage, _ error: TransportError) {
        guard delivery(of: message) == nil else { return }
        write(.reply(.failure(error)), to: message, stream: nil)
    }
}

extension Outcome {
    /// What the caller is told.
    @inlinable var response: WireResponse? {
        switch self {
        case .reply(let response), .replyAndDeadLetter(let response, _): response
        case .done, .retry, .deadLetter, .stream: nil
        }
    }
}

// MARK: - Tries

extension DeliveryIntake {
    @usableFromInline
    func retry(_ held: Held, _ delay: Duration) {
        let rests = deliveries.settings.restsKeyed && held.delivery.key != nil
        if rests, state.phase == .open { return rest(held, delay) }
        let ticket = deliveries.nextTicket()
        switch retry(held, after: delay, ticket: ticket) {
        case .handedBack: deliveries.forget(held)
        case .sent: expect(ticket, .retry(after: delay), held)
        case .refused: rest(held, delay)
        }
    }

    /// It waits here, and is under way meanwhile. While the server ends there is no time for that.
    private func rest(_ held: Held, _ delay: Duration) {
        guard state.phase == .open else {
            deliveries.forget(held)
            return giveBack(held)
        }
        held.message.attempt += 1
        held.stage = .resting
        after(TimeAmount(delay)) { $0.wake(held) }
    }

    private func wake(_ held: Held) {
        guard deliveries.open[held.delivery.id] === held, case .resting = held.stage else { return }
        held.stage = .here
        deliveries.lanes.putBack(held)
        takeAll()
    }
}

// MARK: - Elsewhere

extension DeliveryIntake {
    private func expect(_ ticket: UInt64, _ parcel: Held.Parcel, _ held: Held) {
        held.stage = .leaving(ticket, parcel)
        deliveries.tickets[ticket] = held
        after(deliveries.settings.confirmationTimeout) { intake in
            intake.confirm(ticket, .failure(TransportError(.timeout, "no confirmation came")))
        }
    }

    @usableFromInline
    func send(_ letter: DeadLetter, of held: Held, failures: Int) {
        let ticket = deliveries.nextTicket()
        // Before it is sent: the confirmation may be faster.
        expect(ticket, .letter(letter, failures: failures), held)
        guard !store(letter, of: tried(held), ticket: ticket) else { return }
        answer(ticket, .failure(TransportError(.disconnected, "there is no connection")))
    }

    /// A delivery beyond the last try was none.
    private func tried(_ held: Held) -> Held {
        let last = deliveries.settings.policy.maxAttempts
        guard held.message.attempt > last else { return held }
        var message = held.message
        message.attempt = last
        return Held(message, held.delivery)
    }

    /// What was sent elsewhere under a ticket is there, or is not. The second word about a ticket is ignored.
    package func confirm(_ ticket: UInt64, _ reply: PendingReplies.Reply) {
        answer(ticket, reply)
        takeAll()
    }

    private func answer(_ ticket: UInt64, _ reply: PendingReplies.Reply) {
        guard let held = deliveries.tickets.removeValue(forKey: ticket), deliveries.open[held.delivery.id] === held,
            case .leaving(ticket, let parcel) = held.stage
        else { return }
        switch (reply, parcel) {
        case (.success, .letter): end(held, as: .deadLetter)
        case (.success, .retry): end(held, as: .handled)
        case (.failure, .retry(let delay)): rest(held, delay)
        case (.failure(let error), .letter(let letter, let failures)): pause(held, letter, failures, error)
        }
    }

    /// A dead letter could not be stored: its delivery stays under way, and the same letter is sent again.
    private func pause(_ held: Held, _ letter: DeadLetter, _ failures: Int, _ error: TransportError) {
        guard state.phase == .open else {
            deliveries.forget(held)
            return giveBack(held)
        }
        if failures == 0 { report(error, held.message) }
        held.stage = .pausing
        let settings = deliveries.settings
        after(min(settings.longestPause, settings.pause * (1 << min(failures, 16)))) { intake in
            guard intake.deliveries.open[held.delivery.id] === held, case .pausing = held.stage else { return }
            intake.send(letter, of: held, failures: failures + 1)
        }
    }

    private func report(_ error: TransportError, _ message: IncomingMessage) {
        state.logger.warning(
            "a dead letter cannot be stored, trying again",
            metadata: [
                LogKey.transport: .string(state.transport), LogKey.pattern: .string(message.pattern),
                LogKey.error: .string("\(error)"),
            ])
    }
}
