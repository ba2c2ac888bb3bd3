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
        guard let open = deliveries.place(of: delivery) else { return }
        switch open.stage {
        case .here: break
        case .withdrawn:
            if let response = outcome.response { write(.reply(response), to: message, stream: nil) }
            return deliveries.forget(open)
        case .resting, .leaving, .pausing: return
        }
        if let response = outcome.response { write(.reply(response), to: message, stream: nil) }
        switch outcome {
        case .done, .reply, .stream:
            deliveries.forget(open)
            acknowledge(open.held, as: .handled)
        case .retry(let delay, _): retry(open, delay)
        case .deadLetter(let letter), .replyAndDeadLetter(_, let letter): send(letter, of: open, failures: 0)
        }
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
    func retry(_ open: DeliveryState<Delivery>.Open, _ delay: Duration) {
        let rests = deliveries.settings.restsKeyed && open.held.delivery.key != nil
        if rests, state.phase == .open { return rest(open, delay) }
        let ticket = deliveries.nextTicket()
        switch retry(open.held, after: delay, ticket: ticket) {
        case .handedBack: deliveries.forget(open)
        case .sent: expect(ticket, .retry(after: delay), open)
        case .refused: rest(open, delay)
        }
    }

    /// It waits here, and is under way meanwhile. While the server ends there is no time for that.
    private func rest(_ open: DeliveryState<Delivery>.Open, _ delay: Duration) {
        guard state.phase == .open else {
            deliveries.forget(open)
            return giveBack(open.held)
        }
        var resting = open
        resting.held.message.attempt += 1
        resting.stage = .resting
        let delivery = open.held.delivery
        deliveries.open[delivery.id] = resting
        after(TimeAmount(delay)) { $0.wake(delivery) }
    }

    private func wake(_ delivery: Delivery) {
        guard var open = deliveries.place(of: delivery), case .resting = open.stage else { return }
        open.stage = .here
        deliveries.open[delivery.id] = open
        deliveries.lanes.putBack(open.held.message)
        takeAll()
    }
}

// MARK: - Elsewhere

extension DeliveryIntake {
    private func expect(
        _ ticket: UInt64, _ parcel: DeliveryState<Delivery>.Parcel, _ open: DeliveryState<Delivery>.Open
    ) {
        var leaving = open
        leaving.stage = .leaving(ticket, parcel)
        deliveries.open[open.held.delivery.id] = leaving
        deliveries.tickets[ticket] = open.held.delivery.id
        after(deliveries.settings.confirmationTimeout) { intake in
            intake.confirm(ticket, .failure(TransportError(.timeout, "no confirmation came")))
        }
    }

    @usableFromInline
    func send(_ letter: DeadLetter, of open: DeliveryState<Delivery>.Open, failures: Int) {
        let ticket = deliveries.nextTicket()
        // Before it is sent: the confirmation may be faster.
        expect(ticket, .letter(letter, failures: failures), open)
        var held = open.held
        // A delivery beyond the last try was none.
        held.message.attempt = min(held.message.attempt, deliveries.settings.policy.maxAttempts)
        guard !store(letter, of: held, ticket: ticket) else { return }
        answer(ticket, .failure(TransportError(.disconnected, "there is no connection")))
    }

    /// What was sent elsewhere under a ticket is there, or is not. The second word about a ticket is ignored.
    package func confirm(_ ticket: UInt64, _ reply: PendingReplies.Reply) {
        answer(ticket, reply)
        takeAll()
    }

    private func answer(_ ticket: UInt64, _ reply: PendingReplies.Reply) {
        guard let id = deliveries.tickets.removeValue(forKey: ticket), let open = deliveries.open[id],
            case .leaving(ticket, let parcel) = open.stage
        else { return }
        switch (reply, parcel) {
        case (.success, .letter): end(open, as: .deadLetter)
        case (.success, .retry): end(open, as: .handled)
        case (.failure, .retry(let delay)): rest(open, delay)
        case (.failure(let error), .letter(let letter, let failures)): pause(open, letter, failures, error)
        }
    }

    private func end(_ open: DeliveryState<Delivery>.Open, as end: DeliveryEnd) {
        deliveries.forget(open)
        acknowledge(open.held, as: end)
    }

    /// A dead letter could not be stored: its delivery stays under way, and the same letter is sent again.
    private func pause(
        _ open: DeliveryState<Delivery>.Open, _ letter: DeadLetter, _ failures: Int, _ error: TransportError
    ) {
        guard state.phase == .open else {
            deliveries.forget(open)
            return giveBack(open.held)
        }
        if failures == 0 { report(error, open.held.message) }
        var pausing = open
        pausing.stage = .pausing
        let (settings, delivery) = (deliveries.settings, open.held.delivery)
        deliveries.open[delivery.id] = pausing
        after(min(settings.longestPause, settings.pause * (1 << min(failures, 16)))) { intake in
            guard let open = intake.deliveries.place(of: delivery), case .pausing = open.stage else { return }
            intake.send(letter, of: open, failures: failures + 1)
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
