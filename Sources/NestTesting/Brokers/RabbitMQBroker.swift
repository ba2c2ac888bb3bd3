import Foundation

/// A `rabbitmq-server` as a child process, with the port mapper that Erlang needs. Its first start takes some seconds.
///
/// ```swift
/// let broker = try await RabbitMQBroker.started()
/// try await broker.control("close_all_connections", "as a test")
/// ```
public final class RabbitMQBroker: Sendable {
    /// Files of a broker's TLS.
    public struct TLS: Sendable {
        /// The authorities of its own certificate and of its clients'.
        public var authority: String
        /// The certificate chain.
        public var certificate: String
        /// The private key.
        public var privateKey: String
        /// Clients must show a certificate.
        public var demandsCertificate: Bool

        /// Files for TLS.
        public init(authority: String, certificate: String, privateKey: String, demandsCertificate: Bool = false) {
            self.authority = authority
            self.certificate = certificate
            self.privateKey = privateKey
            self.demandsCertificate = demandsCertificate
        }
    }

    /// The port for plain text.
    public let port: Int
    /// The port for TLS; nobody listens there without files for it.
    public let tlsPort: Int
    /// The process.
    public let process: BrokerProcess
    private let place: Place
    private let login: String

    /// Names and ports, which the nodes of a cluster know of each other.
    struct Place: Sendable {
        let port: Int
        let tlsPort: Int
        let nodePort: Int
        /// Erlang's port mapper, and where it listens.
        let mapper: BrokerProcess
        let mapperPort: Int

        var node: String { "nest\(port)@localhost" }

        init(mapper: (process: BrokerProcess, port: Int)) throws {
            port = try FreePort.take()
            tlsPort = try FreePort.take()
            nodePort = try FreePort.take()
            self.mapper = mapper.process
            mapperPort = mapper.port
        }

        static func makeMapper() throws -> (process: BrokerProcess, port: Int) {
            let port = try FreePort.take()
            let program = BrokerProgram(
                "epmd", arguments: ["-d", "-port", "\(port)", "-address", "127.0.0.1"], readyLine: "epmd running")
            return (BrokerProcess(program), port)
        }
    }

    private static let program = "/usr/lib/rabbitmq/bin/rabbitmq-server"

    /// Whether `rabbitmq-server` is there.
    public static var isInstalled: Bool { BrokerProcess.isInstalled(program) && BrokerProcess.isInstalled("epmd") }

    /// Whether tests that need it run: it is installed, or this is CI, where a missing one is a failure and no skip.
    public static var isExpected: Bool { isInstalled || BrokerProcess.isCI }

    /// A broker that is not started.
    ///
    /// - Parameters:
    ///   - user: The user there is, who may do everything.
    ///   - password: The user's password.
    ///   - tls: Files for the second port.
    ///   - plugins: Plugins that are turned on.
    ///   - extra: More lines of `rabbitmq.conf`.
    public convenience init(
        user: String = "guest", password: String = "guest", tls: TLS? = nil, plugins: [String] = [], extra: String = ""
    ) throws {
        let place = try Place(mapper: Place.makeMapper())
        self.init(place, user: user, password: password, tls: tls, plugins: plugins, extra: extra)
    }

    init(
        _ place: Place, user: String = "guest", password: String = "guest", tls: TLS? = nil, plugins: [String] = [],
        extra: String = ""
    ) {
        self.place = place
        port = place.port
        tlsPort = place.tlsPort
        login = user == "guest" ? "" : "\(user):\(password)@"
        let lines = [
            "listeners.tcp.1 = 127.0.0.1:\(port)", "loopback_users = none", "log.console = true",
            "log.console.level = warning", "log.file = false", "disk_free_limit.absolute = 50MB",
            "vm_memory_high_watermark.absolute = 1GB", "default_user = \(user)", "default_pass = \(password)",
            "collect_statistics_interval = 60000",
        ]
        process = BrokerProcess(
            BrokerProgram(
                Self.program, environment: Self.environment(place),
                files: [
                    "rabbitmq.conf": (lines + Self.lines(tls, tlsPort) + [extra]).joined(separator: "\n") + "\n",
                    "plugins": "[\(plugins.joined(separator: ","))].\n", "env.conf": "",
                ], readyLine: "completed with"))
    }

    /// A broker that is started.
    public static func started(
        user: String = "guest", password: String = "guest", tls: TLS? = nil, plugins: [String] = [], extra: String = ""
    ) async throws -> RabbitMQBroker {
        let broker = try RabbitMQBroker(user: user, password: password, tls: tls, plugins: plugins, extra: extra)
        try await broker.start()
        return broker
    }

    /// Starts it and returns when it serves. The same ports and the same data at each start.
    public func start(within limit: Duration = .seconds(120)) async throws {
        try await place.mapper.start()
        for attempt in 1... {
            do {
                return try await process.start(within: limit)
            } catch {
                // While it was away, its port may have been lent to somebody's connection.
                guard attempt < 4, process.output.contains(where: { $0.contains("eaddrinuse") }) else { throw error }
            }
        }
    }

    /// Has it end as an operator does, and returns when it has. A signal would not do: a child of ours inherits that they
    /// are blocked, and Erlang leaves it at that.
    public func stop() async throws {
        try await control("stop")
        await process.stop()
    }

    /// Where clients connect in plain text.
    public var url: String { "amqp://\(login)127.0.0.1:\(port)" }
    /// Where clients connect with TLS.
    public var tlsURL: String { "amqps://\(login)127.0.0.1:\(tlsPort)" }

    private static func lines(_ tls: TLS?, _ port: Int) -> [String] {
        guard let tls else { return [] }
        return [
            "listeners.ssl.1 = 127.0.0.1:\(port)", "ssl_options.cacertfile = \(tls.authority)",
            "ssl_options.certfile = \(tls.certificate)", "ssl_options.keyfile = \(tls.privateKey)",
            "ssl_options.verify = \(tls.demandsCertificate ? "verify_peer" : "verify_none")",
            "ssl_options.fail_if_no_peer_cert = \(tls.demandsCertificate)",
        ]
    }

    /// The script runs the Erlang machine in its place when it takes itself for a service of systemd: then the child is
    /// the broker, and what is killed is dead.
    private static func environment(_ place: Place) -> [String: String] {
        [
            "HOME": "{folder}", "RUNNING_UNDER_SYSTEMD": "1", "ERL_EPMD_PORT": "\(place.mapperPort)",
            "RABBITMQ_NODENAME": place.node, "RABBITMQ_DIST_PORT": "\(place.nodePort)",
            "RABBITMQ_CONFIG_FILE": "{folder}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": "{folder}/env.conf", "RABBITMQ_ENABLED_PLUGINS_FILE": "{folder}/plugins",
            "RABBITMQ_MNESIA_BASE": "{folder}/data", "RABBITMQ_LOG_BASE": "{folder}/log",
            // The same for all, so that nodes find each other; two schedulers that do not spin.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-setcookie \(cookie) +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        ]
    }

    private static let cookie = "nest"
}

// MARK: - Operators

extension RabbitMQBroker {
    /// Runs `rabbitmqctl` against it, which takes about a second, and returns what it printed.
    @discardableResult
    public func control(_ arguments: String...) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/lib/rabbitmq/bin/rabbitmqctl")
        process.arguments = ["--node", place.node, "--erlang-cookie", Self.cookie, "--quiet"] + arguments
        let mine = [
            "HOME": self.process.folder, "ERL_EPMD_PORT": "\(place.mapperPort)", "RABBITMQ_NODENAME": place.node,
            "RABBITMQ_CONF_ENV_FILE": "\(self.process.folder)/env.conf",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(mine) { $1 }
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let status = Watched<Int32?>(nil)
        process.terminationHandler = { process in status.update { $0 = process.terminationStatus } }
        try process.run()
        let text = await Self.read(output.fileHandleForReading)
        let end = try await status.eventually(within: .seconds(30), "rabbitmqctl ends") { $0 != nil }
        guard end == 0 else {
            throw BrokerProcess.Failed(description: "rabbitmqctl \(arguments.joined(separator: " "))\n\(text)")
        }
        return text
    }

    /// Off the shared pool: reading blocks.
    private static func read(_ handle: FileHandle) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: String(decoding: handle.readDataToEndOfFile(), as: UTF8.self))
            }
        }
    }
}
