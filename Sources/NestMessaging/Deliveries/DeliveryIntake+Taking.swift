import NIOCore

/// From deliveries to messages whose turn it is.
extension DeliveryIntake {
    /// A delivery: waits for its turn. One that is here already, or is being handled, is ignored when it comes again.
    /// `fault` says why it is no message we understand.
    @inlinable
    package func take(_ message: consuming IncomingMessage, _ delivery: Delivery, fault: String? = nil) {
        guard fault == nil, message.attempt <= deliveries.settings.policy.maxAttempts else {
            return refuse(message, delivery, fault)
        }
        guard let held = hold(message, delivery, isInLane: true) else { return }
        deliveries.lanes.append(held, key: delivery.key)
    }

    /// The same, but what has its turn already, and a handler that cannot suspend, is handled before this returns: nothing
    /// need be kept in mind of what ends well. For a transport that lets handlers run while it reads.
    @inlinable
    package func takeNow(_ message: consuming IncomingMessage, _ delivery: Delivery, fault: String? = nil) {
        let (state, deliveries) = (self.state, self.deliveries)
        guard fault == nil, message.attempt <= deliveries.settings.policy.maxAttempts, state.phase == .open,
            state.inFlight < state.limits.maxInFlight, deliveries.lanes.isFree(key: delivery.key),
            deliveries.open.isEmpty || deliveries.open[delivery.id] == nil
        else { return take(message, delivery, fault: fault) }
        message.metadata = delivery
        switch state.dispatcher.dispatchInline(message, &state.writer) {
        case .written(let context):
            writeReply(to: context.incoming)
            acknowledge(delivery, context.incoming, as: .handled)
        case .ran(.done, let context): acknowledge(delivery, context.incoming, as: .handled)
        case .ran(let outcome, let context): carryOut(outcome, context.incoming, delivery)
        case .refused(.done, let message): acknowledge(delivery, message, as: .handled)
        case .refused(let outcome, let message): carryOut(outcome, message, delivery)
        case .needsTask(let message): take(message, delivery)
        }
    }

    /// The delivery was not kept in mind so far, and holds its key from now on.
    @usableFromInline
    func carryOut(_ outcome: Outcome, _ message: IncomingMessage, _ delivery: Delivery) {
        guard let held = hold(message, delivery, isInLane: true) else { return }
        deliveries.lanes.hold(key: delivery.key)
        carryOut(outcome, held.message)
    }

    /// It is not handled, or not once more.
    @usableFromInline
    func refuse(_ message: IncomingMessage, _ delivery: Delivery, _ fault: String?) {
        guard let held = hold(message, delivery, isInLane: false) else { return }
        carryOut(fault.map { state.dispatcher.malformed($0) } ?? exhausted(message), held.message)
    }

    /// A delivery that has no handler here: goes to the dead letters with this reason, where they are kept.
    package func bury(_ message: IncomingMessage, _ delivery: Delivery, _ letter: DeadLetter) {
        guard let held = hold(message, delivery, isInLane: false) else { return }
        let keeps = deliveries.settings.policy.deadLetter == .enabled
        carryOut(keeps ? .deadLetter(letter) : .done, held.message)
    }

    /// Nil for what is here already, and for what comes too late.
    @inlinable
    func hold(_ message: consuming IncomingMessage, _ delivery: Delivery, isInLane: Bool) -> Held? {
        let held = Held(message, delivery, isInLane: isInLane)
        guard state.phase == .open else {
            giveBack(held)
            return nil
        }
        guard let first = deliveries.open.updateValue(held, forKey: delivery.id) else { return held }
        deliveries.open[delivery.id] = first
        return nil
    }

    /// All its tries have begun, and none came back to say how it ended.
    private func exhausted(_ message: IncomingMessage) -> Outcome {
        let policy = deliveries.settings.policy
        let error = TransportError(.internal, "no try came to an end: a handler may have ended its process")
        let keeps = policy.deadLetter == .enabled
        guard message.kind == .send else { return keeps ? .deadLetter(DeadLetter(.maxAttempts, error)) : .done }
        guard keeps, policy.keepsFailedRequests else { return .reply(.failure(error)) }
        return .replyAndDeadLetter(.failure(error), DeadLetter(.maxAttempts, error))
    }

    /// The next one whose turn it is.
    @inlinable
    package func pullDelivery() -> IncomingMessage? {
        deliveries.lanes.takeFirst()?.message
    }

    /// How many more the broker may send: as many as can begin soon, and as may be held.
    @inlinable package var room: Int {
        let (deliveries, state) = (self.deliveries, self.state)
        guard state.phase == .open else { return 0 }
        let places = state.limits.maxInFlight - state.inFlight - deliveries.lanes.count
        return max(0, min(places, deliveries.settings.maxHeld - deliveries.open.count))
    }
}

// MARK: - While they are here

extension DeliveryIntake {
    /// Tells the broker at the interval of the settings what is under way, from now to ``handBackAll()``.
    package func beginKeepAlive() {
        guard deliveries.beat == nil, let interval = deliveries.settings.keepAlive else { return }
        let pause = TimeAmount(interval)
        deliveries.beat = state.timers.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in
            guard let self else { return }
            self.state.loop.execute { self.keepAliveAll() }
        }
    }

    private func keepAliveAll() {
        guard state.phase != .closed else { return }
        keepAlive(
            deliveries.open.values.filter { held in
                if case .withdrawn = held.stage { false } else { true }
            })
    }

    /// Does something on the loop after a while, unless the intake is gone by then.
    func after(_ delay: TimeAmount, _ body: @escaping @Sendable (Self) -> Void) {
        _ = state.timers.scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            self.state.loop.execute { body(self) }
        }
    }
}
