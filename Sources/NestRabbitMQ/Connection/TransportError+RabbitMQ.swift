import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension TransportError.Code {
    /// The broker has no such queue, exchange or virtual host.
    static let notFound: Self = "not_found"
}

extension TransportError {
    /// Bytes of the broker that are no frames.
    init(reading address: RabbitMQAddress, _ failure: AMQPFrameReader.Failure) {
        switch failure {
        case .otherProtocol:
            self.init(.invalidConfiguration, "\(address): the server speaks another version of AMQP than 0-9-1")
        case .tooLarge(let size):
            self.init(.disconnected, "\(address): a frame of \(size) bytes is larger than was agreed")
        case .malformed: self.init(.disconnected, "\(address): what came is no AMQP; is this the port for TLS?")
        }
    }

    /// What the broker said when it closed the connection.
    init(closing address: RabbitMQAddress, code: Int, _ text: String, isGreeting: Bool) {
        switch code {
        case 403 where isGreeting:
            self.init(.unauthenticated, "\(address): the broker refuses the credentials (\(text))")
        case 530 where isGreeting:
            self.init(.invalidConfiguration, "\(address): the broker refuses the virtual host (\(text))")
        case 501...505, 540:
            self.init(.disconnected, "\(address): the broker does not understand us (\(code) \(text))")
        default: self.init(.disconnected, "\(address): the broker closed the connection (\(code) \(text))")
        }
    }

    /// What the broker said when it closed a channel; `what` was asked.
    init(refusing what: String?, code: Int, _ text: String) {
        let what = what ?? "the broker closed a channel"
        switch code {
        case 403: self.init(.forbidden, "\(what): not permitted (\(text))")
        case 404: self.init(.notFound, "\(what): \(text)")
        case 405: self.init(.invalidConfiguration, "\(what): another connection has it for itself (\(text))")
        case 406: self.init(.invalidConfiguration, "\(what): it exists, and is otherwise (\(text))")
        case 311: self.init(.tooLarge, "\(what): \(text)")
        case 540: self.init(.invalidConfiguration, "\(what): the broker cannot do it (\(text))")
        default: self.init(.disconnected, "\(what): \(code) \(text)")
        }
    }

    /// Why a connection was not made, or is gone, in words that say where to look.
    init(rabbitMQ address: RabbitMQAddress, _ error: any Error) {
        switch error {
        case let error as TransportError: self = error
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.last?.error {
                self.init(rabbitMQ: address, failure)
            } else {
                self.init(.disconnected, "\(address): the host name cannot be resolved", cause: error)
            }
        case is ChannelError: self.init(.disconnected, "\(address): no answer within the connect timeout", cause: error)
        case let error as IOError: self.init(.disconnected, "\(address): \(Self.reason(error))", cause: error)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self.init(securing: address, error)
        default: self.init(.disconnected, "the connection to \(address) was lost", cause: error)
        }
    }

    private init(securing address: RabbitMQAddress, _ error: any Error) {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            self.init(.unauthenticated, "\(address): the broker's certificate is for another name", cause: error)
        } else if "\(error)".contains("EOF during handshake") || "\(error)".contains("uncleanShutdown") {
            self.init(.disconnected, "the connection to \(address) was lost", cause: error)
        } else {
            self.init(
                .unauthenticated, "\(address): TLS failed: check the certificates of both sides (\(error))",
                cause: error)
        }
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused, nobody listens there"
        case EHOSTUNREACH, ENETUNREACH: "the host cannot be reached"
        case ETIMEDOUT: "no answer"
        case ECONNRESET, EPIPE: "the broker closed the connection"
        case EMFILE, ENFILE: "no file descriptors are left"
        default: "\(error)"
        }
    }
}
