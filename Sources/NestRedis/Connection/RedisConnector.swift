import NIOCore
import Synchronization

/// Finds the primary, and makes the connections that a client or a server needs there.
final class RedisConnector: Sendable {
    let options: RedisOptions
    let loop: any EventLoop
    /// For all of its connections.
    let spinWait: SpinWait?
    let addresses: [RedisAddress]
    let sentinels: [RedisAddress]
    /// Where it was connected last: tried last when that was lost.
    private let last = Mutex<RedisAddress?>(nil)

    init(_ options: RedisOptions, loop: any EventLoop) throws(TransportError) {
        self.options = options
        self.loop = loop
        spinWait = SpinWait(loop, limit: options.spinWait)
        addresses = try RedisAddress.all(in: options.servers)
        sentinels =
            try options.sentinel.map { (sentinel) throws(TransportError) in
                try RedisAddress.all(in: sentinel.servers)
            } ?? []
    }

    /// How long an attempt may take at the most.
    var patience: Duration { options.connectTimeout * (addresses.count + sentinels.count + 1) }

    /// Connections to the first server that is a primary.
    func session(_ plan: RedisSession.Plan) async throws(TransportError) -> RedisSession {
        var failure = TransportError(.invalidConfiguration, "Redis: there is no server to connect to")
        for address in try await candidates() {
            do throws(TransportError) {
                let session = try await session(plan, at: address)
                last.withLock { $0 = address }
                return session
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func candidates() async throws(TransportError) -> [RedisAddress] {
        guard sentinels.isEmpty else { return [try await primary()] }
        guard let last = last.withLock({ $0 }), let index = addresses.firstIndex(of: last) else { return addresses }
        return Array(addresses[(index + 1)...] + addresses[...index])
    }

    private func session(_ plan: RedisSession.Plan, at address: RedisAddress) async throws(TransportError)
        -> RedisSession
    {
        var opened: [RedisConnection] = []
        do throws(TransportError) {
            let context = try tlsContext(for: address)
            let commands = try await open(address, context, plan.commands)
            opened.append(commands)
            let clock = try await loginForCommands(commands)
            let ear = plan.messages.map { RedisEar($0) }
            if let ear {
                let owner = RedisConnection.Owner(
                    message: { ear.hear($0) }, readEnds: plan.messagesEnd, refused: plan.commands.refused)
                opened.append(try await open(address, context, owner))
                try await login(opened[1], "subscriptions")
            }
            var readers: [RedisSession.Reader] = []
            for _ in 0..<plan.readers {
                let reader = try await open(address, context, RedisConnection.Owner(refused: plan.commands.refused))
                opened.append(reader)
                let number = try await login(reader, "reading", ["CLIENT", "ID"]).first?.integer
                readers.append(RedisSession.Reader(connection: reader, number: number))
            }
            let session = RedisSession(
                commands: commands, subscriber: ear == nil ? nil : opened[1], ear: ear, readers: readers, clock: clock)
            session.watchRole(every: options.pingInterval)
            return session
        } catch {
            for connection in opened { connection.close(error) }
            throw error
        }
    }
}
