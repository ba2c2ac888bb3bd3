import Logging

/// What every connection of one server works with.
final class ServerServices: Sendable {
    let options: TCPOptions
    let dispatcher: MessageDispatcher
    let limiter: InFlightLimiter
    let registry: ConnectionRegistry<ServerConnection>
    let logger: Logger
    let codec = NestCodec()

    init(options: TCPOptions, dispatcher: MessageDispatcher, environment: TransportEnvironment) {
        self.options = options
        self.dispatcher = dispatcher
        limiter = InFlightLimiter(limit: environment.maxInFlight)
        registry = ConnectionRegistry(limit: options.maxConnections)
        logger = environment.logger
    }
}
