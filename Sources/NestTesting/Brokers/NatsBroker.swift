/// A `nats-server` as a child process.
public final class NatsBroker: Sendable {
    /// Who may connect, and how.
    public struct Access: Sendable {
        /// The `authorization` block of the configuration, with braces; nil: everybody may.
        public var authorization: String?
        /// Files for TLS; nil: plain text.
        public var tls: TLS?

        /// Files of a server's TLS.
        public typealias TLS = BrokerTLS

        /// Everybody, in plain text.
        public static let open = Access(authorization: nil, tls: nil)

        /// One user with a password.
        public static func user(_ name: String, password: String, tls: TLS? = nil) -> Access {
            Access(authorization: #"{ users: [ {user: "\#(name)", password: "\#(password)"} ] }"#, tls: tls)
        }

        /// Everybody with a token.
        public static func token(_ token: String, tls: TLS? = nil) -> Access {
            Access(authorization: #"{ token: "\#(token)" }"#, tls: tls)
        }

        /// One NKey, by its public half.
        public static func nkey(_ publicKey: String, tls: TLS? = nil) -> Access {
            Access(authorization: #"{ users: [ {nkey: "\#(publicKey)"} ] }"#, tls: tls)
        }

        /// Anything else, as it stands in a configuration file.
        public init(authorization: String?, tls: TLS? = nil) {
            self.authorization = authorization
            self.tls = tls
        }
    }

    /// The port clients connect to.
    public let port: Int
    /// The process.
    public let process: BrokerProcess
    private let access: Access

    /// Whether `nats-server` is there.
    public static var isInstalled: Bool { BrokerProcess.isInstalled("nats-server") }

    /// Whether tests that need it run: see ``BrokerProcess/isExpected(_:)``.
    public static var isExpected: Bool { BrokerProcess.isExpected("nats-server") }

    /// A server that is not started.
    ///
    /// - Parameters:
    ///   - access: Who may connect.
    ///   - jetStream: Keeps streams in its folder.
    ///   - extra: More lines of configuration.
    public init(_ access: Access = .open, jetStream: Bool = false, extra: String = "") throws {
        self.access = access
        port = try FreePort.take()
        var lines = ["listen: 127.0.0.1:\(port)", "server_name: n\(port)"]
        if jetStream { lines.append(#"jetstream { store_dir: "{folder}/data" }"#) }
        if let authorization = access.authorization { lines.append("authorization \(authorization)") }
        if let tls = access.tls {
            let verify = tls.clientAuthority.map { #"ca_file: "\#($0)", verify: true, "# } ?? ""
            lines.append(
                #"tls { \#(verify)cert_file: "\#(tls.certificate)", key_file: "\#(tls.privateKey)", timeout: 3 }"#)
        }
        lines.append(extra)
        process = BrokerProcess(
            BrokerProgram(
                "nats-server", arguments: ["-c", "{folder}/nats.conf"],
                files: ["nats.conf": lines.joined(separator: "\n") + "\n"], readyLine: "Server is ready"))
    }

    /// A server that is started.
    public static func started(
        _ access: Access = .open, jetStream: Bool = false, extra: String = ""
    ) async throws -> NatsBroker {
        let broker = try NatsBroker(access, jetStream: jetStream, extra: extra)
        try await broker.process.start()
        return broker
    }

    /// Where clients connect, without credentials.
    public var url: String { "\(access.tls == nil ? "nats" : "tls")://127.0.0.1:\(port)" }
}
