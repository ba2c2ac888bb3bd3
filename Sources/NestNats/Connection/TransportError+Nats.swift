import CNats

extension TransportError {
    /// What the C library's answer means; `what` was tried.
    init(nats status: natsStatus, _ what: String) {
        switch status {
        case NATS_CONNECTION_CLOSED, NATS_CONNECTION_DISCONNECTED, NATS_DRAINING, NATS_INVALID_SUBSCRIPTION:
            self.init(.disconnected, "\(what): the connection is gone")
        case NATS_MAX_PAYLOAD: self.init(.tooLarge, "\(what): the message is larger than the NATS server takes")
        case NATS_NO_RESPONDERS: self.init(.noResponders, "\(what): nobody listens")
        case NATS_TIMEOUT: self.init(.timeout, "\(what): no answer came in time")
        case NATS_NOT_PERMITTED: self.init(.forbidden, "\(what): the NATS server does not permit it")
        case NATS_INVALID_SUBJECT, NATS_INVALID_QUEUE_NAME:
            self.init(.invalidConfiguration, "\(what): no such name can be subscribed to")
        case NATS_NO_MEMORY: self.init(.overloaded, "\(what): no memory is left")
        default: self.init(.internal, "\(what): \(String(cString: natsStatus_GetText(status)))")
        }
    }

    /// Why no connection was made, in words that say where to look.
    init(connecting address: NatsAddress, _ status: natsStatus, as credentials: NatsCredentials?) {
        let text = Self.lastText
        switch status {
        case NATS_CONNECTION_AUTH_FAILED, NATS_NOT_PERMITTED:
            let who = credentials.map { " \($0)" } ?? ""
            self.init(.unauthenticated, "\(address): the server refuses the credentials\(who) (\(text))")
        case NATS_SSL_ERROR:
            self.init(.unauthenticated, "\(address): TLS failed: check the certificates of both sides (\(text))")
        case NATS_SECURE_CONNECTION_REQUIRED:
            self.init(.invalidConfiguration, "\(address): the server demands TLS: write tls:// or set `tls`")
        case NATS_SECURE_CONNECTION_WANTED:
            self.init(.invalidConfiguration, "\(address): the server does not do TLS, which is asked for")
        case NATS_NO_SERVER: self.init(.disconnected, "\(address): connection refused, nobody listens there")
        case NATS_TIMEOUT: self.init(.disconnected, "\(address): no answer within the connect timeout")
        default: self.init(.disconnected, "\(address): cannot connect (\(text))")
        }
    }

    /// Why a connection that worked is gone.
    init(losing address: NatsAddress, _ status: natsStatus, _ text: String) {
        switch status {
        case NATS_STALE_CONNECTION: self.init(.disconnected, "\(address): the server does not answer any more")
        case NATS_CONNECTION_AUTH_FAILED:
            self.init(.disconnected, "\(address): the server has withdrawn the credentials (\(text))")
        case NATS_ERR where !text.isEmpty: self.init(.disconnected, "\(address): the server says \(text)")
        default: self.init(.disconnected, "the connection to \(address) was lost")
        }
    }

    /// What the C library says about the last failure on this thread.
    private static var lastText: String {
        var status = NATS_OK
        guard let text = nats_GetLastError(&status) else { return "no reason given" }
        return String(cString: text)
    }
}
