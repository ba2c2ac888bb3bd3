package import CheckoutContracts
package import NestTCP

/// How messages get to one of the services.
package enum ServiceLink: Sendable {
    /// Over TCP, to its address.
    case direct
    /// Through a broker, on which nobody needs to know an address.
    case broker(any Transport)

    /// What the service listens with. An address is listened on only without a broker.
    package func server(host: String, port: Int) -> any Transport {
        switch self {
        case .direct: TCPTransport(TCPOptions(host: host, port: port))
        case .broker(let broker): broker
        }
    }

    /// A client of the service: gives up in time for its caller to answer, and is back soon after a restart.
    package func client(_ name: String, at address: ServiceAddress, timeout: Duration = .seconds(2)) -> ClientConfig {
        switch self {
        case .direct: address.client(name, timeout: timeout)
        case .broker(let broker): ClientConfig(name, transport: broker).timeout(timeout)
        }
    }
}
