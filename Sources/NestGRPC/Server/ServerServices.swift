import Logging

/// What every connection of one server works with.
final class ServerServices: Sendable {
    let options: GRPCOptions
    let dispatcher: MessageDispatcher
    let limiter: InFlightLimiter
    let registry: ConnectionRegistry<ServerConnection>
    let health: HealthSource
    let logger: Logger

    init(options: GRPCOptions, dispatcher: MessageDispatcher, environment: TransportEnvironment) {
        self.options = options
        self.dispatcher = dispatcher
        limiter = InFlightLimiter(limit: environment.maxInFlight)
        registry = ConnectionRegistry(limit: options.maxConnections)
        health = HealthSource(options, environment)
        logger = environment.logger
    }
}
