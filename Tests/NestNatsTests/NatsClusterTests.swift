import NestTesting
import Testing

@testable import NestNats

/// Three servers, of which one at a time is killed under load.
@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct NatsClusterTests {
    private func options(_ cluster: NatsCluster) -> NatsOptions {
        var options = NatsOptions.test(cluster.urls[0])
        options.servers = cluster.urls
        options.jetStream = JetStreamOptions(stream: options.prefix, subjects: ["test.noted"])
        options.jetStream?.replicas = 3
        options.jetStream?.ackWait = .seconds(2)
        options.jetStream?.idleHeartbeat = .milliseconds(500)
        return options
    }

    private struct StreamPlace: Decodable, Sendable {
        struct Cluster: Decodable, Sendable {
            var leader: String?
        }

        var cluster: Cluster?
    }

    /// The member that leads the stream.
    private func leader(_ cluster: NatsCluster, _ options: NatsOptions) async throws -> NatsBroker? {
        let place = try await ask("STREAM.INFO", options, for: StreamPlace.self)
        return cluster.members.first { "n\($0.port)" == place.cluster?.leader }
    }

    /// Asks JetStream something about the stream, beside the transport.
    private func ask<Answer: Decodable & Sendable>(
        _ what: String, _ options: NatsOptions, for type: Answer.Type
    ) async throws -> Answer {
        let connector = try NatsConnector(options: options)
        let connection = try await connector.connect(
            on: try PollLoop(), trying: connector.addresses, notices: NatsNotices { _, _ in })
        let stream = try #require(options.stream(NatsSubjects(prefix: options.prefix), over: connection))
        let answer = try await stream.ask("\(what).\(options.prefix)", nil as Bool?, for: type)
        await connection.close()
        return answer
    }

    /// Emits until it is cancelled, from so many tasks at once.
    private func emit(
        _ client: ClientProxy, writers: Int, _ confirmed: Watched<Set<String>>,
        _ codes: Watched<Set<TransportError.Code>>
    ) async {
        await withDiscardingTaskGroup { group in
            for writer in 0..<writers {
                group.addTask {
                    var number = 0
                    while !Task.isCancelled {
                        number += 1
                        let text = "\(writer).\(number)"
                        do throws(TransportError) {
                            try await client.emit("test.noted", text, options: .timeout(.seconds(30)))
                            confirmed.update { _ = $0.insert("a \(text)") }
                        } catch {
                            codes.update { _ = $0.insert(error.code) }
                        }
                    }
                }
            }
        }
    }

    /// Everything that was confirmed is handled, and what was not has failed for a reason.
    private func expect(
        _ confirmed: Watched<Set<String>>, handledBy service: NatsService, _ codes: Watched<Set<TransportError.Code>>
    ) async throws {
        let wanted = confirmed.value
        try await service.probe.log.eventuallyContains(
            wanted, within: .seconds(30), "all \(wanted.count) that were confirmed")
        #expect(codes.value.isSubset(of: [.disconnected, .noResponders, .cancelled, .timeout]), "\(codes.value)")
    }

    /// Every event that was confirmed is handled, and requests come back to work, while first the stream's leader and
    /// then the server that client and service are connected to is killed, each started again afterwards.
    @Test func nothingConfirmedIsLost() async throws {
        let cluster = try await NatsCluster.started()
        let options = options(cluster)
        let service = try await NatsService.start(options) { $0.startup = .retry(for: .seconds(20)) }
        let client = try ClientProxy.nats(options)
        let confirmed = Watched<Set<String>>([])
        let replies = Watched(0)
        let codes = Watched<Set<TransportError.Code>>([])
        let writers = Task {
            async let emitting: Void = emit(client, writers: 8, confirmed, codes)
            while !Task.isCancelled {
                do throws(TransportError) {
                    let _: Int = try await client.send("test.echo", 1, options: .timeout(.seconds(5)))
                    _ = replies.increment()
                } catch {
                    codes.update { _ = $0.insert(error.code) }
                    await Task.yield()
                }
            }
            await emitting
        }
        for round in 0..<2 {
            let (events, calls) = (confirmed.value.count, replies.value)
            try await confirmed.eventually(within: .seconds(30), "round \(round): events") { $0.count > events + 200 }
            let victim =
                if round == 0 {
                    try await leader(cluster, options)
                } else {
                    await server(of: client, cluster)
                }
            let member = try #require(victim)
            await member.process.kill()
            let meanwhile = confirmed.value.count
            try await confirmed.eventually(within: .seconds(30), "round \(round): events with two servers") {
                $0.count > meanwhile + 200
            }
            try await replies.eventually(within: .seconds(30), "round \(round): replies") { $0 > calls + 200 }
            try await member.process.start()
        }
        writers.cancel()
        await writers.value
        try await expect(confirmed, handledBy: service, codes)
        await client.close()
        await service.stop()
    }

    /// While the stream's leadership goes from one member to another, an event may be confirmed by both of them: what is
    /// confirmed is there all the same.
    @Test func leadersThatStepDownConfirmNothingElse() async throws {
        let cluster = try await NatsCluster.started()
        let options = options(cluster)
        let service = try await NatsService.start(options) { $0.startup = .retry(for: .seconds(20)) }
        let client = try ClientProxy.nats(options)
        let confirmed = Watched<Set<String>>([])
        let codes = Watched<Set<TransportError.Code>>([])
        let writers = Task { await emit(client, writers: 32, confirmed, codes) }
        for round in 0..<8 {
            let before = confirmed.value.count
            try await confirmed.eventually(within: .seconds(30), "round \(round): events") { $0.count > before + 500 }
            do {
                _ = try await ask("STREAM.LEADER.STEPDOWN", options, for: JetStreamWire.Problem.self)
            } catch let error as TransportError {
                // The one before has not settled yet.
                #expect(error.code != .forbidden, "\(error)")
            }
        }
        writers.cancel()
        await writers.value
        try await expect(confirmed, handledBy: service, codes)
        await client.close()
        await service.stop()
    }

    private func server(of client: ClientProxy, _ cluster: NatsCluster) async -> NatsBroker? {
        let url = await client.health().details["server"]
        return cluster.members.first { $0.url == url }
    }
}
