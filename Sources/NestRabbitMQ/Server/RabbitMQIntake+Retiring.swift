import NIOCore

/// Consumers of a connection that another one has taken over from, and who waits until they have nothing left.
struct LeavingConsumers {
    let connection: RabbitMQConnection
    let done: UnsafeContinuation<Void, Never>
}

/// Changing connections without a moment without one.
extension RabbitMQIntake {
    /// Takes no more over a connection, waits until what it has brought is settled, and closes it. A handler may take as
    /// long as it may otherwise.
    func retire(consuming connection: RabbitMQConnection) async {
        await withUnsafeContinuation { continuation in
            loop.execute { self.beginLeaving(connection, continuation) }
        }
        await connection.close()
    }

    /// Waits until what was sent over a connection is written and confirmed, as long as that may take, and closes it.
    func retire(publishing connection: RabbitMQConnection, within limit: Duration) async {
        let line = await onLoop { self.lines.first { $0.connection === connection } }
        await line?.retire(within: limit)
        await connection.close()
    }

    private func beginLeaving(_ connection: RabbitMQConnection, _ done: UnsafeContinuation<Void, Never>) {
        guard state.phase != .closed else { return done.resume() }
        for consumer in consumers where consumer.channel.connection === connection {
            consumer.channel.ask(.cancel(tag: consumer.tag)) { [weak self] _ in
                consumer.hasEnded = true
                self?.letGo()
            }
        }
        leaving.append(LeavingConsumers(connection: connection, done: done))
        letGo()
    }

    /// Lets go of connections whose deliveries are settled.
    func letGo() {
        let done = leaving.filter { each in
            !consumers.contains { $0.channel.connection === each.connection && !$0.isDone }
        }
        guard !done.isEmpty else { return }
        leaving.removeAll { each in done.contains { $0.connection === each.connection } }
        for each in done { each.done.resume() }
    }
}
