import NIOCore

/// How deliveries leave that were not settled.
extension DeliveryIntake {
    /// Gives everything back that has not begun. What is being handled, or on its way elsewhere, goes on.
    package func handBackWaiting() {
        for held in deliveries.lanes.removeAll() { handBack(held) }
        for held in deliveries.open.values {
            switch held.stage {
            case .resting, .pausing: handBack(held)
            case .here, .leaving, .withdrawn: break
            }
        }
    }

    /// Gives everything back; what handlers come to is ignored from here on.
    package func handBackAll() {
        handBackWaiting()
        for held in deliveries.open.values { handBack(held) }
        deliveries.tickets = [:]
        deliveries.beat?.cancel()
        deliveries.beat = nil
    }

    private func handBack(_ held: Held) {
        guard deliveries.open[held.delivery.id] === held else { return }
        deliveries.forget(held)
        if case .withdrawn = held.stage { return }
        giveBack(held)
    }

    /// These deliveries will not be ours much longer: those that have not begun are forgotten, the others go on. Nothing is
    /// said to the broker about them.
    package func withdrawWaiting(where isConcerned: (Delivery) -> Bool) {
        withdrawLanes(where: isConcerned)
        for held in deliveries.open.values where isConcerned(held.delivery) {
            switch held.stage {
            case .resting, .pausing: deliveries.forget(held)
            case .here, .leaving, .withdrawn: break
            }
        }
    }

    /// These deliveries are not ours any more: their connection is gone, their partition is another's. What has not begun is
    /// forgotten; what is being handled goes on, is answered, and then forgotten. Nothing is said to the broker about them.
    package func withdraw(where isConcerned: (Delivery) -> Bool) {
        withdrawLanes(where: isConcerned)
        for held in deliveries.open.values where isConcerned(held.delivery) {
            switch held.stage {
            case .here, .withdrawn: held.stage = .withdrawn
            case .resting, .pausing, .leaving: deliveries.forget(held)
            }
        }
    }

    private func withdrawLanes(where isConcerned: (Delivery) -> Bool) {
        let waiting = deliveries.lanes.remove {
            isConcerned($0.delivery)
        } key: {
            $0.delivery.key
        }
        for held in waiting { deliveries.open[held.delivery.id] = nil }
    }
}
