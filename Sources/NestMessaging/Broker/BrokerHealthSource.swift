import Logging
import NIOPosix

/// What a broker's health indicator asks: a connection of its own, or that of a client that is there anyway.
package enum BrokerHealthSource<Probe: BrokerProbe>: Sendable {
    case client(ClientHealth)
    case probe(Probe)

    package func check() async throws -> HealthStatus {
        switch self {
        case .client(let client): try await client.check()
        case .probe(let probe): await probe.check()
        }
    }
}

/// A connection that is only asked how it is.
package protocol BrokerProbe: Sendable {
    func check() async -> HealthStatus
}

extension TransportEnvironment {
    /// For what connects by itself and says nothing: probes, and operators' tools.
    package static var quiet: TransportEnvironment {
        TransportEnvironment(
            logger: Logger(label: "nest") { _ in SwiftLogNoOpLogHandler() },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    }
}
