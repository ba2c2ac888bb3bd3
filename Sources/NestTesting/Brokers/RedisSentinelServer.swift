/// A Redis Sentinel as a child process: it watches a primary, and makes a replica one when that is gone.
public final class RedisSentinelServer: Sendable {
    /// The port clients ask for the primary.
    public let port: Int
    /// The name it has for what it watches.
    public let name: String
    /// The process.
    public let process: BrokerProcess
    private let password: String?

    /// A sentinel that is not started.
    ///
    /// - Parameters:
    ///   - primary: What it watches.
    ///   - name: What it calls that.
    ///   - quorum: How many sentinels must find it gone.
    ///   - password: What clients of the sentinel itself must show.
    public init(
        watching primary: RedisBroker, as name: String = "nest", quorum: Int = 1, password: String? = nil
    ) throws {
        self.name = name
        self.password = password
        port = try FreePort.take()
        var lines = [
            "port \(port)", "bind 127.0.0.1", "dir {folder}",
            "sentinel monitor \(name) 127.0.0.1 \(primary.port) \(quorum)",
            "sentinel down-after-milliseconds \(name) 500", "sentinel failover-timeout \(name) 3000",
        ]
        lines += primary.sentinelLogin(name)
        if let password { lines.append("requirepass \(password)") }
        process = BrokerProcess(
            BrokerProgram(
                "redis-server", arguments: ["{folder}/sentinel.conf", "--sentinel"],
                files: ["sentinel.conf": lines.joined(separator: "\n") + "\n"], readyLine: "+monitor"))
    }

    /// A sentinel that is started, and knows so many replicas.
    public static func started(
        watching primary: RedisBroker, as name: String = "nest", quorum: Int = 1, password: String? = nil,
        replicas: Int = 1
    ) async throws -> RedisSentinelServer {
        let sentinel = try RedisSentinelServer(watching: primary, as: name, quorum: quorum, password: password)
        try await sentinel.process.start()
        try await sentinel.knows(replicas: replicas)
        return sentinel
    }

    /// Runs a command, and returns the answer as `redis-cli` prints it.
    @discardableResult
    public func run(_ command: String...) async throws -> String {
        let login = password.map { ["--pass", $0] } ?? []
        return try await BrokerTool.run("redis-cli", ["-e", "--no-auth-warning", "-p", "\(port)"] + login + command)
    }

    /// The port of what it holds for the primary.
    public func primary() async throws -> Int? {
        let answer = try await run("SENTINEL", "get-master-addr-by-name", name)
        return answer.split(separator: "\n").last.flatMap { Int($0) }
    }

    /// Returns when it knows so many replicas: without one it cannot do its work.
    public func knows(replicas: Int) async throws {
        try await within(.seconds(20), "the sentinel knows \(replicas) replicas") {
            while try await self.replicas() < replicas {}
        }
    }

    private func replicas() async throws -> Int {
        let fields = try await run("SENTINEL", "MASTER", name).split(separator: "\n")
        let count = fields.firstIndex(of: "num-slaves").map { fields[$0 + 1] }
        return count.flatMap { Int($0) } ?? 0
    }
}

extension RedisBroker {
    fileprivate func sentinelLogin(_ name: String) -> [String] {
        guard isProtected else { return [] }
        let administrator = Access.administrator
        return ["sentinel auth-user \(name) \(administrator)", "sentinel auth-pass \(name) \(administrator)"]
    }
}
