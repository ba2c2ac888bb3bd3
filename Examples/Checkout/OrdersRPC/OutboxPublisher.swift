import CheckoutContracts
import Nest
import ServiceLifecycle

/// Tells the workers what is in the outbox, for as long as the service runs.
@Injectable
final class OutboxPublisher: Service {
    let outbox: Outbox
    @Inject("AUDIT") let audit: ClientProxy
    @Inject("NOTIFICATIONS") let notifications: ClientProxy

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await OutboxLane(listener: .audit, client: self.audit, outbox: self.outbox).run() }
            group.addTask {
                await OutboxLane(listener: .notifications, client: self.notifications, outbox: self.outbox).run()
            }
        }
    }
}
