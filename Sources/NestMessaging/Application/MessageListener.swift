/// A server of messages to be: its transport and what it may differ in.
package struct MessageListener: ApplicationListener {
    package let carrier: any Transport
    package let options: MicroserviceOptions

    package init(transport: any Transport, options: MicroserviceOptions) {
        carrier = transport
        self.options = options
    }

    package var transport: String { carrier.name }
    package var drainDelay: Duration { options.drainDelay }

    package func problems(in graph: ApplicationGraph) -> [String] {
        HandlerChecks.problems(in: HandlerPlan.all(of: graph.controllers), on: carrier, options: options)
    }

    package func makeRunner(_ parts: ApplicationParts) async throws -> ServerRunner {
        var environment = options.environment()
        environment.readiness = { [weak host = parts.host] in host?.readiness ?? .down(["reason": "shut down"]) }
        let builder = RouteBuilder(chains: parts.chains, transport: transport, options: options)
        let dispatcher = MessageDispatcher(
            routes: try await builder.routes(for: HandlerPlan.all(of: parts.context.controllers)),
            settlement: Settlement(
                transport: transport, guarantees: carrier.guarantees, policy: environment.deliveryPolicy,
                logger: environment.logger),
            codec: options.codec)
        return ServerRunner(
            server: try carrier.makeServer(dispatcher: dispatcher, environment: environment), transport: transport,
            policy: options.startup, logger: environment.logger)
    }
}
