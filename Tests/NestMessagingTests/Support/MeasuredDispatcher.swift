import Metrics

@testable import NestMessaging

extension MessageDispatcher {
    /// The same handlers, measured as they are when the application has installed a metrics backend.
    func measured(by factory: any MetricsFactory) -> MessageDispatcher {
        let settlement = Settlement(
            transport: "capture", guarantees: [.events], policy: DeliveryPolicy(),
            logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() },
            metrics: TransportMetrics(transport: "capture", factory: factory))
        return MessageDispatcher(
            routes: routes.map { $0.measured(by: factory) }, settlement: settlement, codec: codec)
    }
}

extension Route {
    fileprivate func measured(by factory: any MetricsFactory) -> Route {
        Route(
            RouteParts(
                pattern: pattern, kind: kind, options: options, transport: transport, logger: logger,
                controller: controller, handler: handler, chain: chain, codec: codec, module: module,
                container: container, isScoped: isScoped, inline: inline, invoke: invoke),
            metrics: RouteMetrics(pattern: pattern.name, transport: transport, factory: factory))
    }
}
