public import NIOCore
import NIOPosix

/// How a microservice behaves, whatever carries its messages.
public struct MicroserviceOptions: Sendable {
    /// The service's name: its queue and group unless they are given, and its name in logs.
    public var name: String
    /// Where its requests wait; instances of the service compete for them. Nil: the name.
    public var queue: String?
    /// Its identity for events: each group gets each event once. Nil: the queue.
    public var group: String?
    /// Messages each of its servers handles at once; the rest stay with the peer or the broker.
    public var maxInFlight = 1_024
    /// How long running handlers may take to finish at shutdown. Those that take longer are cancelled.
    public var shutdownTimeout: Duration = .seconds(10)
    /// How long the application goes on answering at shutdown after its readiness has told no, so that those who send
    /// callers here notice: about 5 seconds in Kubernetes, where endpoints are taken out of use while the pod is already
    /// ending. The longest of an application's listeners counts; a second signal cuts it short.
    public var drainDelay: Duration = .zero
    /// What happens to an event whose handler throws; nil: the framework's policy, as far as the transport can hold
    /// it. A policy given here that the transport cannot hold fails the start.
    public var deliveryPolicy: DeliveryPolicy?
    /// What to do when the broker cannot be reached at start.
    public var startup = StartupPolicy.retry(for: .seconds(30))
    /// How payloads are decoded and replies encoded.
    public var codec = JSONCodec.default
    /// What it logs with; nil: a logger labelled `nest` with the service's name.
    public var logger: Logger?
    /// Where its sockets live; nil: the group that all clients and servers of the process share.
    public var eventLoopGroup: (any EventLoopGroup)?
    /// Whether the application's global guards, interceptors, pipes and filters stand around its handlers too.
    public var inheritsGlobals = true

    /// The defaults above.
    public init(name: String = "default") { self.name = name }
}

extension MicroserviceOptions {
    package var resolvedLogger: Logger {
        if let logger { return logger }
        var made = Logger(label: "nest")
        made[metadataKey: LogKey.service] = .string(name)
        return made
    }

    func environment() -> TransportEnvironment {
        TransportEnvironment(
            logger: resolvedLogger, eventLoopGroup: eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton,
            maxInFlight: maxInFlight, shutdownTimeout: shutdownTimeout, deliveryPolicy: resolvedPolicy,
            queue: queue ?? name, group: group)
    }

    var resolvedPolicy: DeliveryPolicy {
        guard var policy = deliveryPolicy else { return DeliveryPolicy() }
        policy.isExplicit = true
        return policy
    }

    package func validate() throws(TransportError) {
        guard maxInFlight > 0 else {
            throw TransportError(.invalidConfiguration, "maxInFlight must be positive, not \(maxInFlight)")
        }
        guard shutdownTimeout >= .zero, shutdownTimeout <= .seconds(86_400) else {
            throw TransportError(.invalidConfiguration, "shutdownTimeout must be between zero and a day")
        }
        guard drainDelay >= .zero, drainDelay <= .seconds(86_400) else {
            throw TransportError(.invalidConfiguration, "drainDelay must be between zero and a day")
        }
    }
}
