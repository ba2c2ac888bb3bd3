/// A `redis-server` as a child process, with its data on disk.
///
/// ```swift
/// let broker = try await RedisBroker.started()
/// try await broker.run("CLIENT", "PAUSE", "500")
/// await broker.process.kill()
/// try await broker.process.start()      // the same port, the same data
/// ```
public final class RedisBroker: Sendable {
    /// Who may connect, and how.
    public struct Access: Sendable {
        /// Lines of the ACL file, without `user`: `app on >s3cret ~* &* +@all`. Empty: everybody may do everything.
        public var users: [String]
        /// Files for TLS; nil: plain text.
        public var tls: BrokerTLS?

        /// Everybody, in plain text.
        public static let open = Access()

        /// One user with a password.
        public static func user(
            _ name: String, password: String, rules: String = "~* &* +@all", tls: BrokerTLS? = nil
        ) -> Access {
            Access(users: ["\(name) on >\(password) \(rules)"], tls: tls)
        }

        /// Anything else.
        public init(users: [String] = [], tls: BrokerTLS? = nil) {
            self.users = users
            self.tls = tls
        }
    }

    /// The port clients connect to.
    public let port: Int
    /// The process.
    public let process: BrokerProcess
    private let access: Access

    /// For `extra`: what is confirmed is on disk. The default writes once a second, and loses a little when killed.
    public static let flushesAlways = "appendfsync always"

    /// Whether `redis-server` and `redis-cli` are there.
    public static var isInstalled: Bool {
        BrokerProcess.isInstalled("redis-server") && BrokerProcess.isInstalled("redis-cli")
    }

    /// Whether tests that need it run: see ``BrokerProcess/isExpected(_:)``.
    public static var isExpected: Bool { isInstalled || BrokerProcess.isCI }

    /// A server that is not started.
    ///
    /// - Parameters:
    ///   - access: Who may connect.
    ///   - primary: The server it is a replica of.
    ///   - extra: More lines of configuration; they win over ours.
    public init(_ access: Access = .open, replicaOf primary: RedisBroker? = nil, extra: [String] = []) throws {
        self.access = access
        port = try FreePort.take()
        let lines = Self.basics + access.lines(port: port) + (primary.map(Self.replication) ?? []) + extra
        process = BrokerProcess(
            BrokerProgram(
                "redis-server", arguments: ["{folder}/redis.conf"],
                files: ["redis.conf": lines.joined(separator: "\n") + "\n", "users.acl": access.file],
                readyLine: "Ready to accept connections"))
    }

    /// A server that is started.
    public static func started(
        _ access: Access = .open, replicaOf primary: RedisBroker? = nil, extra: [String] = []
    ) async throws -> RedisBroker {
        let broker = try RedisBroker(access, replicaOf: primary, extra: extra)
        try await broker.process.start()
        return broker
    }

    /// Where clients connect, without credentials.
    public var url: String { "\(access.tls == nil ? "redis" : "rediss")://127.0.0.1:\(port)" }

    /// True when a user is needed.
    var isProtected: Bool { !access.users.isEmpty }

    /// Its Unix socket, in plain text.
    public var socket: String { "\(process.folder)/redis.sock" }

    /// Runs a command as an administrator, and returns the answer as `redis-cli` prints it.
    @discardableResult
    public func run(_ command: String...) async throws -> String {
        let login = !isProtected ? [] : ["--user", Access.administrator, "--pass", Access.administrator]
        return try await BrokerTool.run("redis-cli", ["-e", "--no-auth-warning", "-s", socket] + login + command)
    }

    /// Makes a replica a primary.
    public func promote() async throws { try await run("REPLICAOF", "NO", "ONE") }

    /// Returns when a replica has everything its primary has had until now.
    public func synchronized(with primary: RedisBroker) async throws {
        let wanted = try await primary.replicationOffset("master_repl_offset")
        try await within(.seconds(20), "the replica has caught up") {
            while try await self.run("INFO", "replication").contains("master_link_status:up") == false {}
            // Not by WAIT, which asks about what its own connection has written, nor before the primary streams.
            while try await self.replicationOffset("slave_repl_offset") < wanted {}
        }
    }

    private func replicationOffset(_ name: String) async throws -> Int {
        let lines = try await run("INFO", "replication").split(whereSeparator: \.isNewline)
        return lines.first { $0.hasPrefix("\(name):") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
    }

    private static let basics = [
        "bind 127.0.0.1", "dir {folder}", "unixsocket {folder}/redis.sock", "appendonly yes", #"save """#,
        "enable-debug-command yes", "repl-diskless-sync-delay 0",
    ]

    private static func replication(_ primary: RedisBroker) -> [String] {
        let administrator = Access.administrator
        let login = ["masteruser \(administrator)", "masterauth \(administrator)"]
        return ["replicaof 127.0.0.1 \(primary.port)"] + (primary.isProtected ? login : [])
            + (primary.access.tls == nil ? [] : ["tls-replication yes"])
    }
}

extension RedisBroker.Access {
    /// The name and the password of the user that tests administer a server with.
    static let administrator = "administrator"

    fileprivate var file: String {
        let all = ["default off", "\(Self.administrator) on >\(Self.administrator) ~* &* +@all"] + users
        return all.map { "user \($0)\n" }.joined()
    }

    fileprivate func lines(port: Int) -> [String] {
        var lines = users.isEmpty ? [] : ["aclfile {folder}/users.acl"]
        guard let tls else { return lines + ["port \(port)"] }
        lines += ["port 0", "tls-port \(port)", "tls-cert-file \(tls.certificate)", "tls-key-file \(tls.privateKey)"]
        // A server wants an authority although nobody has to show a certificate.
        lines.append("tls-ca-cert-file \(tls.clientAuthority ?? tls.certificate)")
        return lines + ["tls-auth-clients \(tls.clientAuthority == nil ? "no" : "yes")"]
    }
}
