import NIOCore

/// How deliveries leave that were not settled.
extension DeliveryIntake {
    /// Gives everything back that has not begun. What is being handled, or on its way elsewhere, goes on.
    package func handBackWaiting() {
        for message in deliveries.lanes.removeAll() { handBack(message) }
        for open in deliveries.open.values {
            switch open.stage {
            case .resting, .pausing: handBack(open.held.message)
            case .here, .leaving, .withdrawn: break
            }
        }
    }

    /// Gives everything back; what handlers come to is ignored from here on.
    package func handBackAll() {
        handBackWaiting()
        for open in deliveries.open.values { handBack(open.held.message) }
        deliveries.tickets = [:]
        deliveries.beat?.cancel()
        deliveries.beat = nil
    }

    private func handBack(_ message: IncomingMessage) {
        guard let delivery = delivery(of: message), let open = deliveries.place(of: delivery) else { return }
        deliveries.forget(open)
        if case .withdrawn = open.stage { return }
        giveBack(open.held)
    }

    /// These deliveries will not be ours much longer: those that have not begun are forgotten, the others go on. Nothing is
    /// said to the broker about them.
    package func withdrawWaiting(where isConcerned: (Delivery.ID) -> Bool) {
        withdrawLanes(where: isConcerned)
        for (id, open) in deliveries.open where isConcerned(id) {
            switch open.stage {
            case .resting, .pausing: deliveries.forget(open)
            case .here, .leaving, .withdrawn: break
            }
        }
    }

    /// These deliveries are not ours any more: their connection is gone, their partition is another's. What has not begun is
    /// forgotten; what is being handled goes on, is answered, and then forgotten. Nothing is said to the broker about them.
    package func withdraw(where isConcerned: (Delivery.ID) -> Bool) {
        withdrawLanes(where: isConcerned)
        for (id, open) in deliveries.open where isConcerned(id) {
            switch open.stage {
            case .here, .withdrawn: deliveries.open[id]?.stage = .withdrawn
            case .resting, .pausing, .leaving: deliveries.forget(open)
            }
        }
    }

    private func withdrawLanes(where isConcerned: (Delivery.ID) -> Bool) {
        let deliveries = self.deliveries
        let waiting = deliveries.lanes.remove { message in
            delivery(of: message).map { isConcerned($0.id) } ?? false
        } key: { message in
            delivery(of: message)?.key
        }
        for message in waiting { if let delivery = delivery(of: message) { deliveries.open[delivery.id] = nil } }
    }
}
