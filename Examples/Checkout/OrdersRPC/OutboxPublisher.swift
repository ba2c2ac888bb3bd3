import CheckoutContracts
import Nest
import ServiceLifecycle

/// Tells the workers what is in the outbox, for as long as the service runs.
@Injectable
final class OutboxPublisher: Service {
    private let lanes: [OutboxLane]

    init(outbox: Outbox, clients: ClientsService) throws {
        lanes = try outbox.listeners.map { listener in
            OutboxLane(listener: listener, client: try clients.expect(listener.client), outbox: outbox)
        }
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            for lane in lanes { group.addTask { await lane.run() } }
        }
    }
}
