import Nest

@Module(
    providers: [OrderStore.self, Outbox.self, OrdersDatabase.self, OutboxPublisher.self], controllers: [Orders.self])
enum OrdersModule {}
