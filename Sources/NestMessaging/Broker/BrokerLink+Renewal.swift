import Logging
import NIOCore
import Synchronization

/// Another connection for one that works: with the secrets and certificates that stand in their files now, or because the
/// broker serves the old one badly.
///
/// The new one is made and prepared first and then takes over, so there is no moment without a connection. Whatever
/// comes is shared by both for a while, as they are in the same queues; the old one goes when everything that it was
/// sent has been taken.
extension BrokerLink {
    /// Why another connection is made.
    enum RenewalCause: String {
        case files = "files with secrets have changed"
        case refusals = "the broker refuses what comes over the old connection"
    }

    /// Makes another connection that takes over from this one, because the broker refuses what comes over it. Does nothing
    /// when that is under way, or has happened.
    package func replace(_ connection: Connection) {
        guard state.withLock({ $0.kept.connection === connection && !$0.isRenewing }) else { return }
        renew(because: .refusals)
    }

    /// Makes another connection; after the one that is being made, when there is one.
    func renew(because cause: RenewalCause = .files) {
        state.withLock { state in
            guard state.kept.connection != nil, !state.isRenewing else { return state.isStale = true }
            state.isRenewing = true
            let last = state.renewal
            state.renewal = Task {
                await last?.value
                await self.makeAnother(cause)
            }
        }
    }

    private func makeAnother(_ cause: RenewalCause) async {
        do throws(TransportError) {
            let old = connection
            let new = try await preparedConnection()
            let hasTakenOver = await arrived(new)
            state.withLock { state in
                state.isRenewing = false
                state.renewBackoff.reset()
            }
            // Had it gone by now, an attempt may be waiting for us.
            begin()
            if state.withLock({ $0.isStale }) { renew() }
            // Nobody else has the old one, also when the new one is gone already.
            guard let old, hasTakenOver else { return }
            logger.info(
                "connected anew",
                metadata: [
                    LogKey.transport: .string(settings.transport), LogKey.address: .string(new.summary),
                    LogKey.reason: .string(cause.rawValue),
                ])
            await owner.retire(old)
        } catch {
            stay(error, cause)
        }
    }

    /// Goes on with the old connection, and tries again later. Without one an attempt may be waiting for us.
    private func stay(_ error: TransportError, _ cause: RenewalCause) {
        let delay = state.withLock { state -> Duration? in
            state.isRenewing = false
            return state.kept.connection == nil ? nil : state.renewBackoff.next()
        }
        guard let delay else { return begin() }
        logger.warning(
            "cannot connect anew, going on with the old connection",
            metadata: [
                LogKey.transport: .string(settings.transport), LogKey.error: .string("\(error)"),
                LogKey.delay: .string("\(delay)"), LogKey.reason: .string(cause.rawValue),
            ])
        timers.scheduleTask(in: TimeAmount(delay)) { [weak self] in self?.renew(because: cause) }
    }
}
